using System.Net;
using System.Text;
using Rookery.Hosting;
using Rookery.Wire;

namespace Rookery.BrokerGateway;

/// <summary>Who may connect to a gateway, and how; the same lists of tokens and the same rights as in one process.</summary>
internal static class GatewayAccess
{
    /// <summary>Reads the tokens: the name of a file, or the JSON itself, which an environment can hold and a command line would show.</summary>
    /// <returns>Null where there are none, and everybody may do everything.</returns>
    /// <exception cref="FormatException">They are not as they have to be, or there are none although others can reach the gateway.</exception>
    public static AccessList? ReadTokens(Settings settings, params ReadOnlySpan<IPAddress> addresses)
    {
        var open = settings.OneOf("allow-open", "0", "1") == "1";
        if (settings.Find("tokens") is { } tokens)
        {
            return Named("tokens", () => tokens.StartsWith('{') ? AccessList.Parse(Encoding.UTF8.GetBytes(tokens)) : AccessList.Load(tokens));
        }

        foreach (var address in addresses)
        {
            if (!IPAddress.IsLoopback(address) && !open)
            {
                throw new FormatException(
                    $"{address} can be reached by others, and everybody who does could publish, read and delete: set tokens, or allow-open to 1 if that is meant");
            }
        }

        return null;
    }

    /// <summary>Whether HTTP is HTTPS: with a certificate, unless something in front of the gateway speaks TLS already.</summary>
    /// <exception cref="FormatException">A setting is out of its bounds.</exception>
    public static bool ServesHttps(Settings settings) =>
        settings.OneOf("plain-http", "0", "1") == "0" && settings.Find("tls-cert") is not null;

    /// <summary>Reads the certificate that both ports are served with.</summary>
    /// <returns>Null where they are plain.</returns>
    /// <exception cref="FormatException">It cannot be read, or has no key.</exception>
    public static TlsCertificate? ReadCertificate(Settings settings)
    {
        var (certificate, key, password) = (settings.Find("tls-cert"), settings.Find("tls-key"), settings.Find("tls-password"));
        if (certificate is null)
        {
            return key is null ? null : throw new FormatException("tls-key needs tls-cert");
        }

        return Named("tls-cert", () => TlsCertificate.Load(certificate, key, password));
    }

    private static T Named<T>(string setting, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception wrong) when (wrong is IOException or FormatException)
        {
            throw new FormatException($"{setting}: {wrong.Message}", wrong);
        }
    }
}
