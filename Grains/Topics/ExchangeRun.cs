using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>One exchange on its way through the shell: complete when every batch in it is.</summary>
internal sealed class ExchangeRun(GatewayLink link, Stack<TopicCommands> spares) : IBatchCompletion
{
    private const int LargestKept = 256 * 1024;
    private const int MostKept = 64;
    private readonly List<TopicCommands> _batches = [];

    // Continuations are posted: they must not run within the shell.
    private readonly TaskCompletionSource<ExchangeReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1;

    public Task<ExchangeReply> Reply => _reply.Task;

    /// <summary>Room for the next batch.</summary>
    public TopicCommands Add()
    {
        var commands = spares.TryPop(out var spare) ? spare : new TopicCommands();
        _batches.Add(commands);
        _open++;
        return commands;
    }

    /// <summary>A batch that was added has its results; or, once, there are no more to add.</summary>
    public void Complete(TopicCommands? commands)
    {
        if (--_open > 0)
        {
            return;
        }

        using var results = new FlatWriter();
        foreach (var batch in _batches)
        {
            ResultCodec.Write(results, batch);
            if (batch.Bytes <= LargestKept && spares.Count < MostKept)
            {
                batch.Reset(batch.Topic, 0);
                spares.Push(batch);
            }
        }

        _reply.SetResult(new ExchangeReply(LinkStatus.Done, link.Epoch, results.ToArray(), null, link.LastFilled));
    }
}
