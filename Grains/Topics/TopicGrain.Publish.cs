using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <content>What the cluster's own parts publish.</content>
internal sealed partial class TopicGrain
{
    /// <inheritdoc/>
    public async Task<PublishReply> PublishAsync(PublishRequest request, CancellationToken cancellationToken = default)
    {
        if (await NotReadyAsync() is { } why)
        {
            return new PublishReply(LinkStatus.Unavailable, [], why);
        }

        var run = new PublishRun(request.Producer);
        var reader = new FlatReader(request.Commands);
        CommandCodec.Read(ref reader, _name, run.Commands);
        foreach (ref readonly var command in run.Commands.Commands)
        {
            if (command.Kind != CommandKind.Publish)
            {
                throw new InvalidDataException($"{command.Kind} is no publish");
            }
        }

        if (!_known && await EnterAsync() is var entry && entry != CatalogEntry.Entered)
        {
            var refusal = RefusalOf(entry);
            return run.Refuse(refusal.Outcome, refusal.Detail!);
        }

        if (_shell is not { IsFailed: false } shell || _leaving)
        {
            return new PublishReply(LinkStatus.Unavailable, [], "the topic moves to another silo; try again");
        }

        run.Execute(shell);
        FlushSoon();
        return await run.Reply;
    }
}
