using System.CommandLine;
using System.Net;
using System.Text;
using Rookery.Wire;

namespace Rookery.Command;

/// <summary>Who may connect to the broker, and how: not a record, for it holds secrets that nobody should print.</summary>
internal sealed class AccessSettings
{
    /// <summary>Holds the tokens themselves, as JSON.</summary>
    public const string TokensVariable = "ROOKERY_TOKENS";

    /// <summary>Holds the name of their file.</summary>
    public const string TokensFileVariable = "ROOKERY_TOKENS_FILE";

    /// <summary>Holds the password of a certificate's file; a command line would show it.</summary>
    public const string PasswordVariable = "ROOKERY_TLS_PASSWORD";

    /// <summary>Name of the setting of that file.</summary>
    public const string TokensName = "--tokens";

    private static readonly Setting<string?> Tokens = Settings.Text(TokensName, $"File of the tokens that are let in, with their rights (docs/PROTOCOL-EXPLAINED.md); or {TokensFileVariable}, or its JSON in {TokensVariable}", unit: "file");
    public static readonly Setting<string?> TlsCertFile = Settings.Text("--tls-cert", $"Serve the broker with TLS: certificate in PEM, with its chain, or .pfx (password in {PasswordVariable})", unit: "file");
    private static readonly Setting<string?> TlsKeyFile = Settings.Text("--tls-key", "Its private key in PEM, where it is not in the same file", unit: "file");
    private static readonly Setting<bool> AllowOpenFlag = Settings.Flag("--allow-open", "Serve everybody who can reach --host, though there are no tokens")
        .Idle("where --host is of this machine alone", made => IPAddress.IsLoopback(RunCommand.Address(made.Value(RunCommand.Host)!))).IdleWith(Tokens);

    private string? _file;
    private string _fileFrom = TokensFileVariable;
    private string? _json;
    private string? _certificate;
    private string? _key;
    private string? _password;
    private bool _allowOpen;

    public static void AddTo(System.CommandLine.Command command)
    {
        Option[] options = [Tokens, TlsCertFile, TlsKeyFile, AllowOpenFlag];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="UsageException">They contradict each other, or would let in the whole network unasked.</exception>
    public static AccessSettings Read(ParseResult parsed, IPAddress host, Func<string, string?> variable)
    {
        var (file, json) = (Set(variable(TokensFileVariable)), Set(variable(TokensVariable)));
        if (parsed.GetValue(Tokens) is { } named)
        {
            (file, json) = (named, null);
        }

        var settings = new AccessSettings
        {
            _file = file,
            _fileFrom = parsed.GetValue(Tokens) is null ? TokensFileVariable : TokensName,
            _json = json,
            _certificate = parsed.GetValue(TlsCertFile),
            _key = parsed.GetValue(TlsKeyFile),
            _password = Set(variable(PasswordVariable)),
            _allowOpen = parsed.GetValue(AllowOpenFlag),
        };
        settings.Check(host);
        return settings;
    }

    /// <summary>Whether anything is served with TLS.</summary>
    public bool HasTls => _certificate is not null;

    /// <summary>What an operator should know before others find it out.</summary>
    public IEnumerable<string> Warnings(IPAddress host)
    {
        if (IPAddress.IsLoopback(host))
        {
            yield break;
        }

        if (_file is null && _json is null)
        {
            yield return $"warning: everybody who can reach {host} may publish, read and delete: there are no tokens, and --allow-open was said";
        }

        if (_certificate is null)
        {
            yield return $"warning: whoever is on the way to {host} can read and change everything{(_file is null && _json is null ? "" : ", the tokens too")}: there is no --tls-cert";
        }
    }

    /// <exception cref="FailureException">A file cannot be read, or is not what it has to be.</exception>
    public WireOptions ApplyTo(WireOptions options)
    {
        return options with
        {
            Access = _file is not null ? Of(_fileFrom, () => AccessList.Load(_file)) : _json is not null ? Of(TokensVariable, () => AccessList.Parse(Encoding.UTF8.GetBytes(_json))) : null,
            Tls = _certificate is null ? null : Of(TlsCertFile.Name, () => TlsCertificate.Load(_certificate, _key, _password)),
        };
    }

    /// <summary>What a setting names; where that cannot be had, the setting is named, too.</summary>
    private static T Of<T>(string setting, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception wrong) when (wrong is IOException or FormatException)
        {
            throw new FailureException($"{setting}: {wrong.Message}", wrong);
        }
    }

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private void Check(IPAddress host)
    {
        if (_file is not null && _json is not null)
        {
            throw new UsageException($"{TokensVariable} and {TokensFileVariable} are both set; only one of them can be meant");
        }

        if (_key is not null && _certificate is null)
        {
            throw new UsageException("--tls-key needs --tls-cert");
        }

        if (!IPAddress.IsLoopback(host) && _file is null && _json is null && !_allowOpen)
        {
            throw new UsageException($"--host is '{host}': everybody who can reach it could publish, read and delete. Set --tokens FILE, or say --allow-open if that is meant");
        }
    }
}
