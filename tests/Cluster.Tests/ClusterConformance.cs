using Rookery.Conformance;

namespace Rookery.Cluster.Tests;

/// <summary>The contract of the line protocol, through a gateway to a cluster of one silo.</summary>
public sealed class OneSiloConformance() : LineProtocolConformance(() => ClusterHost.CreateAsync(1));

/// <summary>The contract of the line protocol, through a gateway to a cluster of three silos.</summary>
public sealed class ThreeSilosConformance() : LineProtocolConformance(() => ClusterHost.CreateAsync(3));

/// <summary>What survives the end of all silos.</summary>
public sealed class ClusterRestartConformance() : RestartConformance(() => ClusterHost.CreateAsync(2));
