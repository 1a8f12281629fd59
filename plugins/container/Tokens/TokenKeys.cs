using System.Security.Cryptography;
using System.Text;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;

namespace PulpContainer.Tokens;

/// <summary>A key that tokens are signed with.</summary>
internal sealed record TokenKey(string Id, ECDsa Key, DateTimeOffset CreatedAt);

/// <summary>
/// The keys of tokens, sealed in the database so that all processes have the same. One is made when there is none, and a new one when
/// the last is old; tokens of the one before are good until they end.
/// </summary>
internal sealed class TokenKeys(IDb db, ISecrets<ContainerPlugin> secrets, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromDays(30);

    /// <summary>Nobody has the database asked more often by sending tokens with keys that there aren't.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1);
    private IReadOnlyList<TokenKey> _keys = [];
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;

    /// <summary>The key that new tokens are signed with.</summary>
    public async ValueTask<TokenKey> SigningAsync(CancellationToken cancellationToken)
    {
        if (Current() is { } current)
        {
            return current;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(cancellationToken);
            if (Current() is null)
            {
                await MakeAsync(cancellationToken);
                await ReadAsync(cancellationToken);
            }

            return _keys[0];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A key by its id, also one that another process has made; null where there is none, or no longer.</summary>
    public async ValueTask<TokenKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Known(id) is { } known)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Known(id) is null && clock.GetUtcNow() - _readAt > Pause)
            {
                await ReadAsync(cancellationToken);
            }

            return Known(id);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private TokenKey? Current() =>
        _keys is [var newest, ..] && clock.GetUtcNow() - newest.CreatedAt < GoodFor ? newest : null;

    private TokenKey? Known(string id) => _keys.FirstOrDefault(k => k.Id == id);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var rows = await db.QueryAsync<Row>(
            $"select sealed, created_at from container_signingkey order by created_at desc, pulp_id desc limit 2",
            cancellationToken
        );
        _keys = [.. rows.Select(row => Open(secrets.Open(row.Sealed), row.CreatedAt))];
        _readAt = clock.GetUtcNow();
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = secrets.Seal(key.ExportPkcs8PrivateKeyPem());
        var now = clock.GetUtcNow();
        await db.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(
                    $"""
                    insert into container_signingkey (pulp_id, created_at, sealed)
                    values ({Guid.CreateVersion7()}, {now}, {pem})
                    """,
                    cancellationToken
                );

                // The one before is needed as long as its tokens are good.
                return await tx.ExecuteAsync(
                    $"delete from container_signingkey where created_at < {now - (GoodFor * 2)}",
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    private static TokenKey Open(string pem, DateTimeOffset createdAt)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return new TokenKey(IdOf(key), key, createdAt);
    }

    /// <summary>Twelve groups of four letters of the public key's digest, as Pulp has them.</summary>
    private static string IdOf(ECDsa key)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        var letters = Base32(Encoding.ASCII.GetBytes(digest[..30]));
        return string.Join(':', letters.Chunk(4).Select(group => new string(group)));
    }

    private static string Base32(byte[] bytes)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new StringBuilder();
        for (var bit = 0; bit < bytes.Length * 8; bit += 5)
        {
            var value = 0;
            for (var i = bit; i < bit + 5; i++)
            {
                value = (value << 1) | ((bytes[i / 8] >> (7 - (i % 8))) & 1);
            }

            text.Append(Letters[value]);
        }

        return text.ToString();
    }

    private sealed record Row
    {
        public string Sealed { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }
    }
}
