using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Pulp.Core.Platform.Settings;
using Pulp.Host.Commands;

namespace Pulp.Host.Tls;

/// <summary>
/// The certificate that new connections get, read anew when its files have changed. Connections that are open keep theirs. While
/// the files don't fit together, as in the middle of a renewal, the last good one stays.
/// </summary>
internal sealed partial class ServerCertificate
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _reading = new();
    private readonly TimeProvider _clock;
    private readonly ILogger<ServerCertificate> _logger;
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private volatile Loaded _current;
    private string _refused = "";
    private long _lookedAt;

    /// <exception cref="StartFault">The files hold no certificate with its key; the setting is named.</exception>
    public ServerCertificate(PulpSettings settings, TimeProvider clock, ILogger<ServerCertificate> logger)
    {
        _clock = clock;
        _logger = logger;
        if (settings.TlsSelfSigned)
        {
            _certificatePath = _keyPath = SelfSignedCertificate.Ensure(settings, clock.GetUtcNow());
        }
        else
        {
            _certificatePath = settings.TlsCertificate;
            _keyPath = settings.TlsKey.Length > 0 ? settings.TlsKey : settings.TlsCertificate;
        }

        try
        {
            _current = Make(ReadFiles());
        }
        catch (Exception error) when (IsUnusable(error))
        {
            throw new StartFault([
                $"TLS_CERTIFICATE, TLS_KEY: {_certificatePath} and {_keyPath}: {StartFault.OneLine(error)}",
            ]);
        }

        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>Gives Kestrel the certificate, for each connection the one of that moment.</summary>
    public void Use(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = _current.Context.TargetCertificate;
        https.OnAuthenticate = (_, tls) => tls.ServerCertificateContext = Current();
    }

    private SslStreamCertificateContext Current()
    {
        // One look in a second is enough, and one connection at a time.
        if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= Interval && _reading.TryEnter())
        {
            try
            {
                LookAgain();
                Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
            }
            finally
            {
                _reading.Exit();
            }
        }

        return _current.Context;
    }

    private void LookAgain()
    {
        var pem = "";
        try
        {
            pem = ReadFiles();
            if (pem == _current.Pem)
            {
                _refused = "";
            }
            else if (pem != _refused)
            {
                _current = Make(pem);
                LogChanged(_current.Context.TargetCertificate.Subject, _current.Context.TargetCertificate.NotAfter);
            }
        }
        catch (Exception error) when (IsUnusable(error))
        {
            // Said once for each state of the files.
            if (_refused != pem || pem.Length == 0)
            {
                LogRefused(_certificatePath, StartFault.OneLine(error));
            }

            _refused = pem;
        }
    }

    // The text tells a change more reliably than times do, which links that are swapped don't have.
    private string ReadFiles()
    {
        var certificate = File.ReadAllText(_certificatePath);
        return _keyPath == _certificatePath ? certificate : certificate + "\n" + File.ReadAllText(_keyPath);
    }

    private static Loaded Make(string pem)
    {
        using var fromPem = X509Certificate2.CreateFromPem(pem, pem);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem);

        // The first is the server's own; those behind it lead to a root that clients know.
        chain[0].Dispose();
        chain.RemoveAt(0);
        var own = X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pfx), password: null);
        return new Loaded(pem, SslStreamCertificateContext.Create(own, chain, offline: true));
    }

    private static bool IsUnusable(Exception error) =>
        error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private sealed record Loaded(string Pem, SslStreamCertificateContext Context);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "New connections get the certificate {Subject}, valid to {End}"
    )]
    private partial void LogChanged(string subject, DateTime end);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The changed certificate {Path} can't be used, the one before stays: {Reason}"
    )]
    private partial void LogRefused(string path, string reason);
}
