using System.CommandLine;
using System.Text.Json;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Connects, asks the broker one thing, and leaves: what the commands that show figures have in common.</summary>
internal static class Asking
{
    // Whoever waits at a prompt would rather be told than wait for a broker that stays away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static readonly Option<bool> Json = Settings.Flag("--json", "Print the broker's answer as it is, a line of JSON");

    /// <summary>Asks, and shows the answer: as it is with <c>--json</c>, else as <paramref name="show"/> does.</summary>
    public static async Task<int> ShowAsync(
        ParseResult parsed, Surroundings around, Func<RookeryClient, CancellationToken, Task<JsonDocument>> ask, Action<Figures, JsonElement> show)
    {
        using var interruption = around.Interruptions();
        try
        {
            await using var client = await ConnectAsync(parsed, around, interruption.Asked);
            using var answer = await ask(client, interruption.Asked);
            if (parsed.GetValue(Json))
            {
                around.Out.WriteLine(answer.RootElement.GetRawText().Trim());
            }
            else
            {
                show(new Figures(around), answer.RootElement);
            }

            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    public static Task<RookeryClient> ConnectAsync(ParseResult parsed, Surroundings around, CancellationToken cancellationToken) =>
        RookeryClient.ConnectAsync(BrokerSettings.Read(parsed, around) with { GiveUpAfter = Patience, CloseTimeout = TimeSpan.Zero }, cancellationToken);
}
