using System.CommandLine;
using System.Text.Json;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Connects, asks the broker something, and leaves: what the commands for people at a prompt have in common.</summary>
internal static class Asking
{
    // Whoever waits at a prompt would rather be told than wait for a broker that stays away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static readonly Setting<bool> Json = Settings.Flag("--json", "Print the broker's answer as it is, a line of JSON");

    /// <summary>Asks, and shows the answer: as it is with <c>--json</c>, else as <paramref name="show"/> does.</summary>
    public static Task<int> ShowAsync(
        ParseResult parsed, Surroundings around, Func<RookeryClient, CancellationToken, Task<JsonDocument>> ask, Action<Figures, JsonElement> show) =>
        RunAsync(parsed, around, async (client, stop) =>
        {
            using var answer = await ask(client, stop);
            if (parsed.GetValue(Json))
            {
                around.Out.WriteLine(answer.RootElement.GetRawText().Trim());
            }
            else
            {
                show(new Figures(around), answer.RootElement);
            }
        });

    /// <summary>Does something with a client until it is done or interrupted.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Surroundings around, Func<RookeryClient, CancellationToken, Task> act)
    {
        using var interruption = around.Interruptions();
        await using var client = await ConnectAsync(parsed, around, interruption.Asked);
        await act(client, interruption.Asked);
        return ExitCode.Ok;
    }

    public static Task<RookeryClient> ConnectAsync(ParseResult parsed, Surroundings around, CancellationToken cancellationToken) =>
        RookeryClient.ConnectAsync(BrokerSettings.Read(parsed, around) with { GiveUpAfter = Patience, CloseTimeout = TimeSpan.Zero }, cancellationToken);
}
