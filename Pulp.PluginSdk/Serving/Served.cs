namespace Pulp.PluginSdk.Serving;

/// <summary>What distributions of a kind serve.</summary>
[Flags]
public enum Served
{
    /// <summary>The files of a repository version.</summary>
    Versions = 1,

    /// <summary>A publication: the one that is named, or the newest of the repository or version.</summary>
    Publications = 2,

    /// <summary>A publication that is named; of a repository or version the version itself, whether or not it was published.</summary>
    NamedPublications = 4,
}

/// <summary>Where clients reach the server. A service, for routes and handlers.</summary>
public sealed record ServerAddress
{
    /// <summary><c>CONTENT_ORIGIN</c> without a slash at its end, such as <c>https://pulp.example:8443</c>; may be empty.</summary>
    public required string Origin { get; init; }

    /// <summary>Host and port of the origin, such as <c>pulp.example:8443</c>; may be empty.</summary>
    public required string Host { get; init; }

    /// <summary>The path below which content is served, with its slashes: <c>/pulp/content/</c>.</summary>
    public required string ContentPath { get; init; }

    /// <summary>
    /// Of a distribution's address the part that names its domain, such as <c>team/</c>: it stands before the base path. Empty where
    /// addresses name no domains, and for a service, which doesn't know the distribution.
    /// </summary>
    public string DomainPath { get; init; } = "";
}
