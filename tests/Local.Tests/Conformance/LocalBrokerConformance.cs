using Rookery.Conformance;

namespace Rookery.Local.Tests;

/// <summary>The contract of the line protocol, held by the broker of the one-process host on a disk in memory.</summary>
public sealed class LocalBrokerConformance() : LineProtocolConformance(LocalBrokerHost.InMemoryAsync);

/// <summary>What a loss of power leaves on that disk: what was synced, and nothing else.</summary>
public sealed class LocalBrokerRestartConformance() : RestartConformance(LocalBrokerHost.InMemoryAsync);

/// <summary>The same contract on files.</summary>
public sealed class LocalBrokerOnFilesConformance() : LineProtocolConformance(LocalBrokerHost.OnFilesAsync);

/// <summary>What a kill leaves in files.</summary>
public sealed class LocalBrokerOnFilesRestartConformance() : RestartConformance(LocalBrokerHost.OnFilesAsync);
