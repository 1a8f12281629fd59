using System.Text.Json.Nodes;

namespace Pulp.Core.Platform.Tenancy;

/// <summary>Where the files of domains lie, as it was seen last.</summary>
internal sealed class DomainStorages
{
    private volatile IReadOnlyDictionary<Guid, DomainStorage?> _byDomain = new Dictionary<Guid, DomainStorage?>();

    /// <summary>All there are beside the server's own.</summary>
    public IEnumerable<DomainStorage> All => _byDomain.Values.OfType<DomainStorage>();

    /// <summary>A domain's; null for the server's own.</summary>
    public DomainStorage? Of(Guid domain) => _byDomain.GetValueOrDefault(domain);

    public void Replace(IReadOnlyDictionary<Guid, DomainStorage?> byDomain) => _byDomain = byDomain;
}

/// <summary>A directory of a domain's own.</summary>
/// <param name="Root">Where it is.</param>
/// <param name="FileMode">The permissions of files.</param>
/// <param name="DirectoryMode">The permissions of directories; null for the usual ones.</param>
internal sealed record DomainStorage(string Root, UnixFileMode FileMode, UnixFileMode? DirectoryMode)
{
    private const int UsualFileMode = 0b110_100_100;

    /// <summary>What storage settings say; null where they name no directory.</summary>
    public static DomainStorage? Read(string settings) =>
        JsonNode.Parse(settings) is JsonObject read && (string?)read["location"] is { Length: > 0 } root
            ? new DomainStorage(
                root,
                (UnixFileMode)((int?)read["file_permissions_mode"] ?? UsualFileMode),
                (UnixFileMode?)(int?)read["directory_permissions_mode"]
            )
            : null;
}
