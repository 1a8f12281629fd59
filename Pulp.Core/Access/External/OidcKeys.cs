using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Pulp.Core.Platform.Settings;

namespace Pulp.Core.Access.External;

/// <summary>
/// The keys of an issuer, as it publishes them: read when they are first needed, anew every hour, and where a token names one that
/// isn't among them, but not more often than once in half a minute.
/// </summary>
internal sealed partial class OidcKeys(OidcProvider provider, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int Largest = 1024 * 1024;
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }
    )
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = Largest,
    };

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile IReadOnlyList<SecurityKey> _keys = [];
    private long? _readAt;
    private long? _triedAt;

    /// <summary>The keys that may have signed a token.</summary>
    /// <param name="id">The key that the token names; null where it names none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="UpstreamException">The issuer can't be asked, and never could.</exception>
    public async Task<IReadOnlyList<SecurityKey>> FindAsync(string? id, CancellationToken cancellationToken)
    {
        if (IsOld() || !IsKnown(id))
        {
            await _reading.WaitAsync(cancellationToken);
            try
            {
                if ((IsOld() || !IsKnown(id)) && !IsPausing())
                {
                    await ReadAsync(cancellationToken);
                }
            }
            finally
            {
                _reading.Release();
            }
        }

        return _readAt is null ? throw new UpstreamException($"The keys of {provider.Issuer} can't be read.") : _keys;
    }

    private bool IsOld() => _readAt is not { } at || clock.GetElapsedTime(at) >= Fresh;

    private bool IsKnown(string? id) => id is null || _keys.Any(k => k.KeyId == id);

    private bool IsPausing() => _triedAt is { } at && clock.GetElapsedTime(at) < Pause;

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _triedAt = clock.GetTimestamp();
        try
        {
            var url = provider.KeysUrl.Length > 0 ? new Uri(provider.KeysUrl) : await KeysUrlAsync(cancellationToken);
            var keys = JsonWebKeySet.Create(await _http.GetStringAsync(url, cancellationToken));
            _keys = [.. keys.GetSigningKeys()];
            _readAt = clock.GetTimestamp();
        }
        catch (Exception error)
            when (error is HttpRequestException or JsonException or ArgumentException or InvalidDataException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            // Those that are there go on being good: an issuer changes keys with notice.
            LogUnreadable(logger, provider.Issuer, error.Message);
        }
    }

    private async Task<Uri> KeysUrlAsync(CancellationToken cancellationToken)
    {
        var configuration = new Uri(provider.Issuer.TrimEnd('/') + "/.well-known/openid-configuration");
        using var document = JsonDocument.Parse(await _http.GetStringAsync(configuration, cancellationToken));
        var isOurs =
            document.RootElement.TryGetProperty("issuer", out var issuer)
            && issuer.ValueKind == JsonValueKind.String
            && issuer.GetString() == provider.Issuer;
        return
            isOurs
            && document.RootElement.TryGetProperty("jwks_uri", out var keys)
            && Uri.TryCreate(keys.GetString(), UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback)
            ? url
            : throw new InvalidDataException("its configuration names another issuer, or no keys.");
    }

    public void Dispose()
    {
        _http.Dispose();
        _reading.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keys of {Issuer} can't be read: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string issuer, string reason);
}
