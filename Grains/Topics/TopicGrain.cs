using System.Diagnostics.Metrics;
using Orleans.Concurrency;
using Rookery.Broker;
using Rookery.Grains.Interfaces;

namespace Rookery.Grains;

/// <summary>
/// A topic of the cluster: a shell around the topic's state machine (<see cref="TopicShell"/>), with its journal in grain
/// storage. Reentrant, so that calls are decided while a write is under way and share the next one. Where the outcome of a
/// write is unknown the activation ends, and the next one recovers from what is stored.
/// </summary>
[Reentrant]
internal sealed partial class TopicGrain(TopicServices services) : Grain, ITopicGrain
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    // Below the time in which the other silos declare one dead that stopped answering.
    private static readonly TimeSpan AsleepAfter = TimeSpan.FromSeconds(1.5);
    private static readonly Counter<long> SleptCounter = ClusterMetrics.Meter.CreateCounter<long>("rookery.topics.slept");

    private readonly Dictionary<Guid, GatewayLink> _links = [];
    private readonly Stack<TopicCommands> _spares = new();
    private TopicName _name;
    private TaskScheduler _scheduler = TaskScheduler.Default;
    private GrainStorageTopicJournal? _journal;
    private TopicShell? _shell;
    private Task? _recovery;
    private string? _why;
    private long _failedAt;
    private bool _known;
    private bool _leaving;
    private bool _flushing;
    private Task _striking = Task.CompletedTask;
    private bool _slept;
    private int _standstills;
    private ITimer? _ticks;
    private Moment _tickedAt;
    private ITimer? _wake;
    private long? _wakeSetTo;
    private long _absentAt;

    private TopicOptions Options => services.Options;

    /// <summary>Sessions that the links of all gateways have.</summary>
    internal int SessionCount => _links.Values.Sum(static link => link.Sessions.Count);

    /// <summary>Whether it would notice that it stands still: it need not while no gateway uses it.</summary>
    internal bool LooksAtTheClock => _ticks is not null;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _name = TopicName.Parse(this.GetPrimaryKeyString());
        _scheduler = TaskScheduler.Current;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _leaving = true;
        EndLinks();
        _ticks?.Dispose();
        _wake?.Dispose();

        if (_journal is { } journal && _shell is { IsFailed: false })
        {
            try
            {
                var most = Options.Log.StorageTimeout;
                await journal.CleanAsync().WaitAsync(services.End?.Within(most) ?? most, services.Time, cancellationToken);
            }
            catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
            {
                ClusterLog.NotFinished(services.Logger, _name.Value, "cleaning its log", "there was no time left; its successor goes on with it");
            }
        }

        _journal?.Stop();
    }

    /// <inheritdoc/>
    public async Task<ExchangeReply> ExchangeAsync(ExchangeRequest request, CancellationToken cancellationToken = default)
    {
        if (await NotReadyAsync() is { } why)
        {
            return new ExchangeReply(LinkStatus.Unavailable, request.Epoch, [], why);
        }

        var earlier = _links.GetValueOrDefault(request.Gateway);
        var link = request.Epoch == Guid.Empty ? LinkFor(request, earlier) : earlier;
        if (link is null || (request.Epoch != Guid.Empty && request.Epoch != link.Epoch))
        {
            return new ExchangeReply(LinkStatus.NotLinked, request.Epoch, [], null);
        }

        link.Heard();
        if (request.Number == link.Last.Number)
        {
            return await link.Last.Reply;
        }

        if (request.Number < link.Last.Number)
        {
            return new ExchangeReply(LinkStatus.Stale, request.Epoch, [], null);
        }

        link.Last = (request.Number, ExecuteAsync(link, request));
        if (earlier is not null && earlier != link)
        {
            // Only now: sessions that have come over to the new link keep their subscriptions.
            Drop(earlier);
        }

        return await link.Last.Reply;
    }

    /// <inheritdoc/>
    public Task<PullReply> PullAsync(PullRequest request, CancellationToken cancellationToken = default) =>
        _shell is { IsFailed: false } shell && !_leaving && _links.TryGetValue(request.Gateway, out var link) && link.Epoch == request.Epoch
            ? PullAsync(link, request.Received, shell)
            : Task.FromResult(new PullReply(LinkStatus.NotLinked, request.Epoch, 0, []));

    /// <inheritdoc/>
    public async Task<TopicStatsReply> GetStatsAsync(CancellationToken cancellationToken = default) =>
        await NotReadyAsync() is { } why ? new TopicStatsReply(LinkStatus.Unavailable, null, why)
            : new TopicStatsReply(LinkStatus.Done, _known && !_shell!.IsUnused ? _shell.GetStats() : null, null);

    private Task<PullReply> PullAsync(GatewayLink link, long received, TopicShell shell)
    {
        LookIfItSlept();
        var reply = link.PullAsync(received, shell, held: _slept);

        // Credit may have come free.
        FlushSoon();
        return reply;
    }

    /// <summary>A link for a gateway that asks for one: what an earlier one of it had is given back.</summary>
    private GatewayLink LinkFor(ExchangeRequest request, GatewayLink? earlier)
    {
        if (earlier is not null && request.Number <= earlier.Last.Number)
        {
            return earlier;
        }

        var link = new GatewayLink(request.Gateway, Options, services.Time);
        _links[request.Gateway] = link;
        StartTicks();
        return link;
    }

    private async Task<ExchangeReply> ExecuteAsync(GatewayLink link, ExchangeRequest request)
    {
        var items = request.Items;
        if (!_known && Makes(CommandsOf(items)) is { } makes)
        {
            var entry = makes ? await EnterAsync() : CatalogEntry.Entered;
            if (_links.GetValueOrDefault(link.Gateway) != link)
            {
                // The link ended meanwhile, with the sessions that it had: nobody would ever take this one's deliveries.
                return new ExchangeReply(LinkStatus.NotLinked, link.Epoch, [], null);
            }

            if (link.Last.Number > request.Number)
            {
                // The gateway has given this call up and gone on; a session may have left since that would come back with it.
                return new ExchangeReply(LinkStatus.Stale, link.Epoch, [], null);
            }

            if (!_known)
            {
                return AnswerWithoutTopic(link, items, entry);
            }
        }

        if (_shell is not { IsFailed: false } shell || _leaving)
        {
            return new ExchangeReply(LinkStatus.NotLinked, link.Epoch, [], null);
        }

        var run = new ExchangeRun(link, _spares);
        var reader = new FlatReader(items);
        while (!reader.AtEnd)
        {
            var item = (ExchangeItem)reader.Byte();
            var handle = reader.Count();
            Execute(item, handle, ref reader, link, shell, run);
        }

        run.Complete(null);
        FlushSoon();
        return await run.Reply;
    }

    private void Execute(ExchangeItem item, int handle, ref FlatReader reader, GatewayLink link, TopicShell shell, ExchangeRun run)
    {
        switch (item)
        {
            case ExchangeItem.Introduce:
                link.Introduce(handle, ExchangeItems.ReadIdentity(ref reader));
                break;
            case ExchangeItem.Grant:
                var total = reader.Number();
                link.Find(handle)?.Granted(total, shell);
                break;
            case ExchangeItem.Detach:
                if (link.Find(handle) is { } leaving)
                {
                    shell.Detach(leaving.Session);
                    link.Remove(leaving);
                }

                break;
            case ExchangeItem.Commands:
                var session = link.Find(handle) ?? throw new InvalidDataException($"session {handle} was not introduced");
                var commands = run.Add();
                CommandCodec.Read(ref reader, _name, commands, session.Session.IsSubscribed ? null : session.Begin);
                shell.Execute(commands, session.Session, run);
                break;
            default:
                throw new InvalidDataException($"item {(byte)item} of an exchange is not known to this version");
        }
    }

    /// <summary>Whether commands would make the topic; null: there are none.</summary>
    private static bool? Makes(List<CommandKind> commands) => commands.Count == 0 ? null : commands.Exists(Makes);

    private static bool Makes(CommandKind kind) => kind is CommandKind.Publish or CommandKind.Subscribe;

    /// <summary>Enters the topic into the catalogue, which is how it comes to be.</summary>
    private async Task<CatalogEntry> EnterAsync()
    {
        await _striking;
        CatalogEntry entry;
        try
        {
            entry = await GrainFactory.GetGrain<ITopicCatalogGrain>(0).AddAsync(_name.Value);
        }
#pragma warning disable CA1031 // No command was executed, and what is remembered of the exchange has to say so: a failure would be taken for an unknown outcome.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            ClusterLog.CatalogFailed(services.Logger, $"reached for topic {_name}", exception.Message);
            return CatalogEntry.Unavailable;
        }

        if (entry == CatalogEntry.Entered)
        {
            // It is about to be used: no turn between must find that it may be given back.
            _shell?.Use();
            _known = true;
        }

        return entry;
    }

    private CommandResult RefusalOf(CatalogEntry entry) => entry == CatalogEntry.Full
        ? new CommandResult
        {
            Outcome = Outcome.Refused,
            Detail = $"the cluster holds {Options.Limits.MaxTopics} topics, and no more are allowed",
        }
        : new CommandResult { Outcome = Outcome.Unavailable, Detail = "the catalogue of topics cannot be reached or stored at present; try again later" };

    /// <summary>Answers commands to a topic that there is not, and that cannot be made.</summary>
    private ExchangeReply AnswerWithoutTopic(GatewayLink link, byte[] items, CatalogEntry entry)
    {
        var refusal = RefusalOf(entry);
        using var results = new FlatWriter();
        var one = new TopicCommands();
        foreach (var kind in CommandsOf(items, link))
        {
            one.Reset(_name, 0);
            one.Unsubscribe();
            one.Results[0] = Makes(kind) ? refusal
                : new CommandResult { Outcome = kind == CommandKind.DropTopic ? Outcome.NoSuchTopic : Outcome.NotSubscribed };
            ResultCodec.Write(results, one);
        }

        return new ExchangeReply(LinkStatus.Done, link.Epoch, results.ToArray(), null);
    }

    /// <summary>The commands of an exchange; with a link, what it says of sessions holds: who they are, what they granted, that they left.</summary>
    private List<CommandKind> CommandsOf(byte[] items, GatewayLink? link = null)
    {
        var kinds = new List<CommandKind>();
        var commands = new TopicCommands();
        var reader = new FlatReader(items);
        while (!reader.AtEnd)
        {
            var item = (ExchangeItem)reader.Byte();
            var handle = reader.Count();
            switch (item)
            {
                case ExchangeItem.Introduce:
                    var identity = ExchangeItems.ReadIdentity(ref reader);
                    link?.Introduce(handle, identity);
                    break;
                case ExchangeItem.Grant:
                    var total = reader.Number();
                    if (_shell is { } shell)
                    {
                        link?.Find(handle)?.Granted(total, shell);
                    }

                    break;
                case ExchangeItem.Detach:
                    if (link?.Find(handle) is { } leaving)
                    {
                        link.Remove(leaving);
                    }

                    break;
                case ExchangeItem.Commands:
                    CommandCodec.Read(ref reader, _name, commands);
                    foreach (ref readonly var command in commands.Commands)
                    {
                        kinds.Add(command.Kind);
                    }

                    break;
                default:
                    break;
            }
        }

        return kinds;
    }

    private void Drop(GatewayLink link)
    {
        foreach (var session in link.Sessions)
        {
            _shell?.Detach(session.Session);
        }

        if (_links.GetValueOrDefault(link.Gateway) == link)
        {
            _links.Remove(link.Gateway);
        }

        link.Dispose();
        FlushSoon();
    }

    private void EndLinks()
    {
        foreach (var link in _links.Values)
        {
            link.End();
        }
    }
}
