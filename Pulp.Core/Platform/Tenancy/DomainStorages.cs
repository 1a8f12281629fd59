using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Platform.Tenancy;

/// <summary>Where the files of domains lie, as it was seen last.</summary>
internal sealed class DomainStorages(StorageBackends backends)
{
    private volatile IReadOnlyDictionary<Guid, NamedStorage> _byDomain = new Dictionary<Guid, NamedStorage>();

    /// <summary>All there are beside the server's own.</summary>
    public IEnumerable<IStorageBackend> All => _byDomain.Keys.Select(Of).OfType<IStorageBackend>().Distinct();

    /// <summary>A domain's; null for the server's own.</summary>
    /// <exception cref="InvalidOperationException">It is of a class that this server doesn't know: none of its files are elsewhere.</exception>
    public IStorageBackend? Of(Guid domain) =>
        _byDomain.TryGetValue(domain, out var named) ? backends.Open(named.Class, named.Settings) : null;

    public void Replace(IReadOnlyDictionary<Guid, NamedStorage> byDomain) => _byDomain = byDomain;
}

/// <summary>What a domain says of its storage.</summary>
internal sealed record NamedStorage(string Class, string Settings);
