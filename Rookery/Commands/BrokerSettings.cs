using System.CommandLine;
using System.CommandLine.Parsing;
using Rookery.Broker;
using Rookery.Client;

namespace Rookery.Command;

/// <summary>Where the broker is, and who asks: for the commands that are its clients.</summary>
internal static class BrokerSettings
{
    public static readonly Option<string?> Host = Settings.Text("--host", "Host of the broker", "127.0.0.1");
    public static readonly Option<int> Port = Settings.Whole("--port", "TCP port of the broker", 8000, 1, 65_535);
    public static readonly Option<string?> Token = Settings.Text("--token", "Credential, where the broker asks for one");

    /// <summary>Refuses what is no topic, before anybody is asked.</summary>
    public static void RequireTopics(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.StartsWith("--", StringComparison.Ordinal))
            {
                // A topic may be called so, but what it mostly is is a mistyped option.
                result.AddError($"there is no option '{token.Value}'");
            }
            else if (!TopicName.TryParse(token.Value, out _))
            {
                result.AddError($"topic is '{token.Value}'; it must be {TopicName.Rule}");
            }        }
    }

    public static RookeryClientOptions Read(ParseResult parsed, Surroundings around) => new()
    {
        Host = parsed.GetValue(Host)!,
        Port = parsed.GetValue(Port),
        Token = parsed.GetValue(Token),
        ConnectionChanged = Report(around),
    };

    private static Action<ConnectionChange> Report(Surroundings around)
    {
        var lost = false;
        return change =>
        {
            if (change.State == ConnectionState.Reconnecting && !lost)
            {
                lost = true;
                around.Error.WriteLine($"rookery: {Failures.Explain(change.Reason!)}; reconnecting");
            }
            else if (change.State == ConnectionState.Connected && lost)
            {
                lost = false;
                around.Error.WriteLine("rookery: connected again");
            }
        };
    }
}
