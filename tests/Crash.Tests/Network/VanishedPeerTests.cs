using Rookery.Command.Tests;

namespace Rookery.Crash.Tests;

/// <summary>
/// A peer whose network is gone says nothing, not even goodbye. The broker runs in a network of its own, in which the way
/// back from one of its clients is taken away.
/// </summary>
public sealed class VanishedPeerTests : IDisposable
{
    // The member "far" talks to another address of the broker than "near" does; what goes to that address is lost from then on.
    private const string Scene = """
        ip link set lo up
        (
          until exec 3<>/dev/tcp/127.0.0.5/8000; do sleep 0.1; done 2>/dev/null
          printf 'hello {"as":"far"}\nsub t {"group":"g"}\n' >&3
          for i in 1 2 3; do read -r line <&3; echo "far: $line"; done
          ip route add blackhole 127.0.0.5 table local
          exec 4<>/dev/tcp/127.0.0.1/8000
          printf 'hello {"as":"near","confirm":true}\npub t {"id":1,"msg":"x"}\nsub t {"group":"g"}\n' >&4
          while read -r line <&4; do echo "near: $line"; done
        ) &
        exec "$@"
        """;

    private readonly string _data = Directory.CreateTempSubdirectory("rookery-vanished-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [NamespaceFact]
    public async Task Who_vanishes_with_an_event_is_closed_after_the_send_timeout_and_the_event_goes_to_another_member()
    {
        await using var run = RookeryProcess.StartUnder(
            ["unshare", "-rn", "bash", "-c", Scene, "bash"],
            "run", "--no-tweets", "--no-http", "--data", _data, "--host", "*", "--allow-open", "--broker-port", "8000", "--send-timeout", "2s");

        await run.LineAsync(line => line == "far: successfully subscribed to topic t");
        await run.LineAsync(line => line == "near: ok pub t 1 1");
        await run.LineAsync(line => line == "near: {\"topic\":\"t\",\"priority\":0,\"msg\":\"x\",\"id\":1}");
        await run.LineAsync(line => line.Contains("it took nothing of what waits for it for 00:00:02", StringComparison.Ordinal));
    }
}
