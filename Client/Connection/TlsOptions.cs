using System.Net.Security;
using System.Security.Cryptography;
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

    internal SslClientAuthenticationOptions ForHost(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = ServerName ?? host };
        if (Thumbprint is { } thumbprint)
        {
            var expected = Convert.FromHexString(thumbprint);
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is not null && SHA256.HashData(certificate.GetRawCertData()).AsSpan().SequenceEqual(expected);
        }
        else if (Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,

                // An authority of one's own seldom tells what it has revoked.
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}
