using System.Buffers.Binary;
using System.Security.Cryptography;
using Pulp.PluginSdk.Access;

namespace PulpContainer.Registry;

/// <summary>
/// Ids of uploads for which nothing has come yet. Most never need a row: all of a blob comes with the request that ends its upload.
/// Until then the id tells by itself that it was given out for its repository, to every process, and after a restart.
/// </summary>
internal sealed class UploadIds(ISecrets<ContainerPlugin> secrets, TimeProvider clock)
{
    /// <summary>How long an upload is held for which nothing comes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    /// <summary>A UUID of version 7, moment and chance, whose end is derived from the rest.</summary>
    private const int Told = 12;

    /// <summary>So many ended uploads are remembered.</summary>
    private const int MostEnded = 10_000;

    private readonly LatelyKnown<Guid, bool> _ended = new(MostEnded);

    public Guid New(Guid repository)
    {
        Span<byte> id = stackalloc byte[16];
        Guid.CreateVersion7(clock.GetUtcNow()).TryWriteBytes(id, bigEndian: true, out _);
        Derive(id[..Told], repository, id[Told..]);
        return new Guid(id, bigEndian: true);
    }

    /// <summary>Whether an id was given out for a repository, and not too long ago.</summary>
    public bool IsGiven(Guid upload, Guid repository)
    {
        Span<byte> id = stackalloc byte[16];
        Span<byte> expected = stackalloc byte[16 - Told];
        upload.TryWriteBytes(id, bigEndian: true, out _);
        Derive(id[..Told], repository, expected);
        return !_ended.TryGet(upload, out _)
            && CryptographicOperations.FixedTimeEquals(expected, id[Told..])
            && clock.GetUtcNow().ToUnixTimeMilliseconds() - (BinaryPrimitives.ReadInt64BigEndian(id) >> 16)
                < (long)Patience.TotalMilliseconds;
    }

    /// <summary>
    /// The upload has become a blob. Only this process knows: in another one it looks like one for which nothing has come, and sending
    /// the blob once more does no harm.
    /// </summary>
    public void End(Guid upload) => _ended.Add(upload, true);

    private void Derive(ReadOnlySpan<byte> told, Guid repository, Span<byte> end)
    {
        Span<byte> all = stackalloc byte[Told + 16];
        told.CopyTo(all);
        repository.TryWriteBytes(all[Told..]);
        secrets.Mac(all).AsSpan(0, end.Length).CopyTo(end);
    }
}
