namespace PulpContainer.Registry;

/// <summary>What a path below <c>/v2/</c> is about.</summary>
internal enum RegistryTarget
{
    None,
    Base,
    Catalog,
    Manifest,
    Blob,
    Uploads,
    Upload,
    Tags,
    Referrers,
}

/// <summary>A path below <c>/v2/</c>: names may hold the specification's own words, so it is read from its end.</summary>
/// <param name="Target">What it is about.</param>
/// <param name="Name">The repository's name; empty where it is about none.</param>
/// <param name="Reference">The last part: a tag, a digest or an upload.</param>
internal readonly record struct RegistryPath(RegistryTarget Target, string Name, string Reference)
{
    public static RegistryPath Parse(string path)
    {
        if (path.Length == 0)
        {
            return new RegistryPath(RegistryTarget.Base, "", "");
        }

        if (path == "_catalog")
        {
            return new RegistryPath(RegistryTarget.Catalog, "", "");
        }

        var trimmed = path.EndsWith("/blobs/uploads/", StringComparison.Ordinal) ? path[..^1] : path;
        var last = trimmed.LastIndexOf('/');
        var before = last > 0 ? trimmed.LastIndexOf('/', last - 1) : -1;
        if (before <= 0)
        {
            return default;
        }

        var (name, kind, reference) = (trimmed[..before], trimmed[(before + 1)..last], trimmed[(last + 1)..]);
        return kind switch
        {
            "manifests" => new RegistryPath(RegistryTarget.Manifest, name, reference),
            "blobs" when reference == "uploads" => new RegistryPath(RegistryTarget.Uploads, name, ""),
            "blobs" => new RegistryPath(RegistryTarget.Blob, name, reference),
            "tags" when reference == "list" => new RegistryPath(RegistryTarget.Tags, name, ""),
            "referrers" => new RegistryPath(RegistryTarget.Referrers, name, reference),
            "uploads" when name.EndsWith("/blobs", StringComparison.Ordinal) => new RegistryPath(
                RegistryTarget.Upload,
                name[..^"/blobs".Length],
                reference
            ),
            _ => default,
        };
    }
}
