using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rookery.Client;

/// <summary>Looks at the certificate of a broker, and remembers why it is not trusted: the framework tells that in words of its own.</summary>
/// <param name="name">The name the certificate must have.</param>
/// <param name="thumbprint">SHA-256 of the only one that is trusted; null: what the system, or the given authorities, trust.</param>
internal sealed class CertificateCheck(string name, byte[]? thumbprint)
{
    /// <summary>Why it is not trusted; null where it is, or none was shown.</summary>
    public string? Refusal { get; private set; }

    /// <summary>A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = thumbprint is null ? Fault(chain, errors)
            : certificate is not null && SHA256.HashData(certificate.GetRawCertData()).AsSpan().SequenceEqual(thumbprint) ? null
            : "its certificate is not the one that the thumbprint names";
        return Refusal is null;
    }

    private string? Fault(X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None ? null
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "it shows no certificate"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
            ? $"its certificate is not trusted: {string.Join(", ", chain?.ChainStatus.Select(status => status.Status) ?? [])}"
        : $"its certificate is not for {name}";
}
