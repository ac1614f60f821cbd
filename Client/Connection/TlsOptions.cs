using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Rookery.Client;

/// <summary>How a client makes sure that it talks to the right broker, and nobody listens. The defaults are those of the system.</summary>
public sealed record TlsOptions
{
    /// <summary>Name that the broker's certificate must have; default: null, that of <see cref="RookeryClientOptions.Host"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>Authorities that may have signed the broker's certificate, instead of those the system trusts. Default: null, the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>
    /// SHA-256 of the broker's certificate, 64 hexadecimal digits: exactly this one is trusted, whatever its name, its time and
    /// who signed it. Default: null.
    /// </summary>
    public string? Thumbprint { get; init; }

    internal void Validate()
    {
        RookeryClientOptions.Require(nameof(ServerName), ServerName, ServerName is null or { Length: > 0 }, "null or not empty");
        RookeryClientOptions.Require(nameof(Authorities), Authorities, Authorities is null or { Count: > 0 }, "null or not empty");
        RookeryClientOptions.Require(
            nameof(Thumbprint), Thumbprint, Thumbprint is null || (Thumbprint.Length == 64 && Thumbprint.All(char.IsAsciiHexDigit)), "64 hexadecimal digits");
    }

    /// <summary>Speaks TLS from now on, with a broker that is the right one.</summary>
    /// <exception cref="AuthenticationException">They do not come to it; the message says why, in words for whoever runs the client.</exception>
    internal async Task ShakeHandsAsync(SslStream stream, string host, CancellationToken cancellationToken)
    {
        var name = ServerName ?? host;
        var check = new CertificateCheck(name, Thumbprint is null ? null : Convert.FromHexString(Thumbprint));
        var options = new SslClientAuthenticationOptions { TargetHost = name, RemoteCertificateValidationCallback = check.IsTrusted };
        if (Thumbprint is null && Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,

                // An authority of one's own seldom tells what it has revoked.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException failed)
        {
            // The library below tells its troubles as an inner exception; what is no TLS at all never gets that far.
            var why = check.Refusal ?? failed.InnerException?.GetBaseException().Message ?? "what answers there does not speak TLS";
            throw new AuthenticationException(why, failed);
        }
    }
}
