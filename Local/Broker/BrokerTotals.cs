using Rookery.Broker;

namespace Rookery.Local;

/// <summary>What topics counted together.</summary>
internal readonly record struct BrokerTotals(long Published, long Delivered, long Acknowledged)
{
    public BrokerTotals Plus(TopicShell? shell) => shell is null
        ? this
        : new(Published + shell.Published, Delivered + shell.Delivered, Acknowledged + shell.Acknowledged);
}
