using System.Buffers;

namespace Pulp.Core.Platform.Storage;

/// <summary>The files of artifacts, each in the storage of its domain, which its name tells.</summary>
internal sealed class ArtifactFiles(FileStorage storage, DomainStorages domains)
{
    private const string Artifacts = "artifact/";
    private const int IdLength = 36;
    private const int Sha256Length = 64;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>What the database calls the file of a domain's artifact with this digest: Pulp's own layout.</summary>
    public static string NameOf(Guid domain, string sha256) =>
        domain == Domains.Default
            ? $"{Artifacts}{sha256[..2]}/{sha256[2..]}"
            : $"{Artifacts}{domain}/{sha256[..2]}/{sha256[2..]}";

    /// <summary>Keeps a received file; answers its name.</summary>
    public async ValueTask<string> KeepAsync(
        Guid domain,
        TemporaryFile file,
        bool flush,
        CancellationToken cancellationToken
    )
    {
        var name = NameOf(domain, file.Digests.Sha256);
        // The same bytes may be there already; replacing them by themselves is harmless and repairs a broken file.
        await Of(name).KeepAsync(name, file, flush, cancellationToken);
        return name;
    }

    /// <summary>Returns when all that was kept for a domain so far survives a power failure: once for a whole batch of files.</summary>
    public ValueTask FlushAsync(Guid domain, CancellationToken cancellationToken) =>
        (domains.Of(domain) ?? storage.Own).FlushAsync(cancellationToken);

    /// <summary>The bytes of a file; null where there is none.</summary>
    public ValueTask<long?> SizeAsync(string name, CancellationToken cancellationToken) =>
        Of(name).SizeAsync(name, cancellationToken);

    /// <summary>When a file was kept, or its bytes were received; null where there is none.</summary>
    public ValueTask<DateTimeOffset?> KeptAtAsync(string name, CancellationToken cancellationToken) =>
        Of(name).KeptAtAsync(name, cancellationToken);

    /// <summary>
    /// The digests of a domain's files whose SHA-256 begins with these two digits. What else lies among them, under a name that no
    /// artifact's file has, isn't ours and left out.
    /// </summary>
    public async Task<HashSet<string>> DigestsAsync(Guid domain, string digits, CancellationToken cancellationToken)
    {
        var prefix = NameOf(domain, digits);
        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var name in Of(prefix).ListAsync(prefix, cancellationToken))
        {
            var sha256 = digits + name[prefix.Length..];
            if (sha256.Length == Sha256Length && !sha256.AsSpan().ContainsAnyExcept(HexDigits))
            {
                found.Add(sha256);
            }
        }

        return found;
    }

    /// <summary>Opens a file for reading, from a byte on.</summary>
    /// <exception cref="FileNotFoundException">There is none: now, or when it is first read.</exception>
    public Stream OpenRead(string name, long from = 0) => Of(name).OpenRead(name, from);

    /// <summary>Where a file lies on this host's disk; null where it doesn't.</summary>
    public string? PathOf(string name) => Of(name).PathOf(name);

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        Of(name).DeleteAsync(name, cancellationToken);

    /// <summary>Removes what is left of a domain, whose artifacts are gone.</summary>
    public ValueTask RemoveDomainAsync(Guid domain, CancellationToken cancellationToken) =>
        (domains.Of(domain) ?? storage.Own).DeleteAllAsync($"{Artifacts}{domain}/", cancellationToken);

    /// <summary>Copies a file into another storage (null is the server's own), where it isn't there with so many bytes yet.</summary>
    /// <exception cref="FileNotFoundException">The file isn't here.</exception>
    public async Task CopyAsync(string name, long size, IStorageBackend? to, CancellationToken cancellationToken)
    {
        to ??= storage.Own;
        if (await to.SizeAsync(name, cancellationToken) != size)
        {
            await using var content = OpenRead(name);
            await to.CopyAsync(name, content, cancellationToken);
        }
    }

    /// <summary>Removes what was begun and never became whole, because its writers are gone.</summary>
    public async Task RemoveAbandonedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        foreach (var backend in domains.All.Append(storage.Own).Distinct())
        {
            await backend.RemoveAbandonedAsync(before, cancellationToken);
        }
    }

    /// <summary>The storage of its domain, which the name of a file says where that isn't the default one.</summary>
    private IStorageBackend Of(string name) =>
        name.Length > Artifacts.Length + IdLength
        && name.StartsWith(Artifacts, StringComparison.Ordinal)
        && Guid.TryParseExact(name.AsSpan(Artifacts.Length, IdLength), "D", out var domain)
        && domains.Of(domain) is { } own
            ? own
            : storage.Own;
}
