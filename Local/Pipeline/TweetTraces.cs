using System.Diagnostics;
using Rookery.Broker;
using Rookery.Tweets;

namespace Rookery.Local;

/// <summary>
/// The trace of a block of tweets from the stream to its topics: source <c>Rookery.Local</c>, named after OpenTelemetry's semantic
/// conventions. One block begins one trace, where somebody listens and has it sampled; otherwise a block costs a look.
/// </summary>
internal static class TweetTraces
{
    public static readonly ActivitySource Source = new("Rookery.Local");

    /// <summary>The value of <c>messaging.system</c>.</summary>
    public const string System = "rookery";

    /// <summary>A block was read: <c>process tweets</c>, with <c>read tweets</c> in it, and <c>score tweets</c> from now on.</summary>
    public static void Begin(TweetBlock block, TimeProvider time)
    {
        if (!Source.HasListeners() || block.TweetCount == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        var read = block.ReceivedAt == 0 ? now : now - TimeSpan.FromMilliseconds(Math.Max(0, time.GetElapsedTime(0).TotalMilliseconds - block.ReceivedAt));
        Activity.Current = null;
        var root = Source.StartActivity("process tweets", ActivityKind.Consumer, default(ActivityContext), startTime: read);
        if (root is { IsAllDataRequested: true })
        {
            root.SetTag("messaging.operation.name", "process").SetTag("messaging.operation.type", "process")
                .SetTag("messaging.batch.message_count", block.TweetCount).SetTag("rookery.stream", block.Stream);
            Source.StartActivity("read tweets", ActivityKind.Internal, root.Context, startTime: read)?.Dispose();
            Activity.Current = root;
            block.Companion = Source.StartActivity("score tweets") ?? root;
        }
        else
        {
            root?.Dispose();
        }

        // The next block of this stream is no part of it.
        Activity.Current = null;
    }

    /// <summary>The block has its scores, or no time is left for them.</summary>
    public static void Scored(TweetBlock block)
    {
        if (block.Companion is Activity { Parent: { } root } score)
        {
            score.Dispose();
            block.Companion = root;
            Activity.Current = null;
        }
    }

    /// <summary>The block goes no further.</summary>
    public static void End(TweetBlock block) => (block.Companion as Activity)?.Dispose();

    /// <summary>A batch is being written: <c>store tweets</c> in the trace of the first block, with links to the others.</summary>
    /// <param name="blocks">The traces of the blocks in it.</param>
    /// <param name="records">Records in it.</param>
    public static Activity? Storing(List<Activity> blocks, int records) =>
        blocks.Count == 0 ? null : Start("store tweets", ActivityKind.Client, blocks.ConvertAll(block => block.Context))?
            .SetTag("db.operation.name", "write").SetTag("db.operation.batch.size", records);

    /// <summary>The blocks were written, or cannot be.</summary>
    public static void End(List<Activity> blocks)
    {
        blocks.ForEach(block => block.Dispose());
        blocks.Clear();
    }

    /// <summary>Changes are being published: <c>publish</c> and the topic, under the write that committed them.</summary>
    /// <param name="commands">The changes.</param>
    /// <param name="stored">The traces of the writes.</param>
    public static Activity? Publishing(TopicCommands commands, IReadOnlyList<ActivityContext> stored)
    {
        commands.Trace = default;
        if (stored.Count == 0 || commands.Commands.Length == 0)
        {
            return null;
        }

        var topic = commands.Topic.ToString();
        var activity = Start($"publish {topic}", ActivityKind.Producer, stored)?
            .SetTag("messaging.system", System).SetTag("messaging.operation.name", "publish").SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", topic).SetTag("messaging.batch.message_count", commands.Commands.Length);
        commands.Trace = activity?.Context ?? default;
        return activity;
    }

    private static Activity? Start(string name, ActivityKind kind, IReadOnlyList<ActivityContext> causes) =>
        Source.StartActivity(name, kind, causes[0], links: causes.Count == 1 ? null : causes.Skip(1).Select(cause => new ActivityLink(cause)));
}
