using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>One publish of a part of the cluster on its way through the shell. Nothing is ever delivered to it.</summary>
internal sealed class PublishRun(string? producer) : IBatchCompletion, ISessionReceiver
{
    /// <summary>Whose the names of the cluster's producers are: no token can have this owner, so no client is mistaken for one.</summary>
    private const string Owner = "the cluster";

    // Continuations are posted: they must not run within the shell.
    private readonly TaskCompletionSource<PublishReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<PublishReply> Reply => _reply.Task;

    public TopicCommands Commands { get; } = new();

    public PublishReply Refuse(Outcome outcome, string why)
    {
        Commands.Results.Fill(new CommandResult { Outcome = outcome, Detail = why });
        Complete(Commands);
        return _reply.Task.Result;
    }

    public void Execute(TopicShell shell) =>
        shell.Execute(Commands, new TopicSession(new SessionIdentity { Owner = Owner, Producer = producer }, this), this);

    public void Complete(TopicCommands commands)
    {
        using var results = new FlatWriter();
        ResultCodec.Write(results, commands);
        _reply.SetResult(new PublishReply(LinkStatus.Done, results.ToArray(), null));
    }

    public void Deliver(TopicName topic, long after, ReadOnlySpan<Delivery> deliveries)
    {
    }

    public void Dropped(TopicName topic, long after)
    {
    }

    public void Close(SessionEnd reason)
    {
    }
}
