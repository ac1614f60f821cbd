using System.CommandLine;
using System.Text;
using System.Text.Json;
using Rookery.Client;

namespace Rookery.Command;

/// <summary><c>rookery pub</c>: publishes a message, or one per line of the standard input.</summary>
internal static class PubCommand
{
    // A person at a prompt would rather be told than wait for a broker that stays away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Argument<string> Topic = new("topic") { Description = "Topic to publish to" };
    private static readonly Argument<string?> Message = new("message") { Description = "JSON, or else text; one that begins with -- goes behind a -- of its own", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Id = Settings.Text("--id", "Id of the event; with --stdin its beginning, -1, -2, ... follow. Without it a new one is made");
    private static readonly Option<int> Priority = Settings.Whole("--priority", "Larger goes first", 0, sbyte.MinValue, sbyte.MaxValue);
    private static readonly Setting<Duration?> Ttl = Settings.OptionalTime("--ttl", "Time after which the event need not be delivered any more");
    private static readonly Option<bool> Stdin = Settings.Flag("--stdin", "Publish every line of the standard input");
    private static readonly Option<bool> AsText = Settings.Flag("--text", "The message is text, also where it looks like JSON");
    private static readonly Setting<bool> Json = Settings.Flag("--json", "Print each receipt as a JSON object: topic, seq, id");
    private static readonly Option<string?> Producer = Settings.Text("--producer", "Name of this publisher: after a lost connection nothing is stored twice, and nothing is missing");

    public static System.CommandLine.Command Make(Surroundings around)
    {
        var command = new System.CommandLine.Command("pub", "Publish a message, or each line of the standard input, and wait until the broker has it. --verbose prints a receipt of each: topic, number, id; --json the same as JSON")
        {
            Topic, Message, Id, Priority, Ttl, Stdin, AsText, Producer, Json,
        };
        BrokerSettings.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Stdin) == (result.GetValue(Message) is not null))
            {
                result.AddError("pub needs either a message or --stdin");
            }
        });
        Topic.Validators.Add(BrokerSettings.RequireTopics);
        command.SetAction((parsed, _) => RunAsync(
            BrokerSettings.Read(parsed, around) with { Producer = parsed.GetValue(Producer), GiveUpAfter = Patience, CloseTimeout = TimeSpan.Zero },
            Read(parsed),
            around));
        return command;
    }

    internal static PubSettings Read(ParseResult parsed) => new()
    {
        Topic = parsed.GetValue(Topic)!,
        Message = parsed.GetValue(Message),
        Id = parsed.GetValue(Id),
        Options = new PublishOptions { Priority = parsed.GetValue(Priority), TimeToLive = parsed.GetValue(Ttl) ?? TimeSpan.Zero },
        AsText = parsed.GetValue(AsText),
        Json = parsed.GetValue(Json),
        PrintReceipts = parsed.GetValue(CommandLine.Verbose) || parsed.GetValue(Json),
    };

    /// <summary>A message as JSON: what is JSON already stays, anything else is a text.</summary>
    internal static byte[] ToJson(string message, bool asText)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        return !asText && IsJson(bytes) ? bytes : JsonSerializer.SerializeToUtf8Bytes(message, CommandJson.Relaxed.String);
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        var json = new Utf8JsonReader(bytes);
        try
        {
            while (json.Read())
            {
            }

            return bytes.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<int> RunAsync(RookeryClientOptions options, PubSettings settings, Surroundings around)
    {
        using var interruption = around.Interruptions();
        await using var client = await RookeryClient.ConnectAsync(options, interruption.Asked);
        var publisher = new LinePublisher(client, settings, around);
        if (settings.Message is not null)
        {
            await publisher.PublishAsync(settings.Message, settings.Id ?? Guid.CreateVersion7().ToString("N"), interruption.Asked);
        }
        else
        {
            await publisher.PublishLinesAsync(around.In, interruption.Asked);
        }

        await publisher.FinishAsync(interruption.Insisted);
        return publisher.Refused > 0 ? ExitCode.Failed : interruption.Asked.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Ok;
    }
}

/// <summary>What <c>rookery pub</c> was asked for.</summary>
internal sealed record PubSettings
{
    public required string Topic { get; init; }

    public string? Message { get; init; }

    public string? Id { get; init; }

    public PublishOptions Options { get; init; }

    public bool AsText { get; init; }

    public bool PrintReceipts { get; init; }

    public bool Json { get; init; }
}
