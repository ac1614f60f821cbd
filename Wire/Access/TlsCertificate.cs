using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Rookery.Wire;

/// <summary>What a server proves its name with: a certificate with its private key, and those it was signed with.</summary>
/// <param name="Certificate">The certificate, with its private key.</param>
/// <param name="Chain">The certificates between it and an authority that clients know; may be empty.</param>
public sealed record TlsCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>Reads PEM (the certificate first, then its chain; the key in the same or another file) or PKCS #12 (<c>.pfx</c>).</summary>
    /// <param name="path">The certificate's file.</param>
    /// <param name="keyPath">The key's file, where it is another one; on Unix others must not be able to read it.</param>
    /// <param name="password">The password of the key or the PKCS #12 file, where it has one.</param>
    /// <exception cref="IOException">A file cannot be read, or others can read the key; the message says what to do.</exception>
    /// <exception cref="FormatException">A file is not what it has to be; the message names it.</exception>
    public static TlsCertificate Load(string path, string? keyPath = null, string? password = null)
    {
        try
        {
            // A certificate alone is no secret.
            var bytes = SecretFile.ReadPublic(path);
            var isPem = bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0;
            if (isPem && keyPath is null && bytes.AsSpan().IndexOf("PRIVATE KEY-----"u8) < 0)
            {
                throw new FormatException($"{path} has no private key in it, and no other file was named that has it");
            }

            if (!isPem && keyPath is not null)
            {
                throw new FormatException($"{path} is no PEM file, so its private key has to be in it: {keyPath} cannot belong to it");
            }

            var key = SecretFile.Read(keyPath ?? path);
            return isPem ? FromPem(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(key), password) : FromPkcs12(bytes, password);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new FormatException($"{path}{(keyPath is null ? "" : $" with {keyPath}")} is no certificate with its private key: {wrong.Message}", wrong);
        }
    }

    private static TlsCertificate FromPem(string certificates, string key, string? password)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificates);
        var certificate = string.IsNullOrEmpty(password)
            ? X509Certificate2.CreateFromPem(certificates, key)
            : X509Certificate2.CreateFromEncryptedPem(certificates, key, password);
        chain[0].Dispose();
        chain.RemoveAt(0);
        if (OperatingSystem.IsWindows())
        {
            // Its TLS does not take a key that was never in a store.
            using var loose = certificate;
            certificate = X509CertificateLoader.LoadPkcs12(loose.Export(X509ContentType.Pkcs12), null);
        }

        return new TlsCertificate(certificate, chain);
    }

    private static TlsCertificate FromPkcs12(byte[] bytes, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
        var certificate = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException("it has no private key");
        all.Remove(certificate);
        return new TlsCertificate(certificate, all);
    }
}
