namespace Pulp.Core.Platform.Tenancy;

/// <summary>A domain as requests, tasks and hrefs know it.</summary>
/// <param name="Id">Its id, as rows hold it.</param>
/// <param name="Name">Its name, as addresses hold it.</param>
internal sealed record DomainScope(Guid Id, string Name)
{
    /// <summary>Where the API is, but for the domain.</summary>
    public const string PlainRoot = "/pulp/api/v3/";

    public const string DefaultName = "default";

    /// <summary>The default domain of a server that doesn't separate domains.</summary>
    public static DomainScope Only { get; } = new(Domains.Default, DefaultName);

    /// <summary>The part of addresses that names it, with its slash; empty where addresses name no domains.</summary>
    public string Segment { get; private init; } = "";

    /// <summary>Where the hrefs begin of what belongs to it.</summary>
    public string Root { get; private init; } = PlainRoot;

    /// <summary>The default domain of the same server.</summary>
    public DomainScope Default =>
        Segment.Length > 0 ? Only.InAddresses()
        : IsAlone ? Only
        : Only.AmongOthers();

    /// <summary>Where the hrefs begin of what all domains share.</summary>
    public string SharedRoot { get; private init; } = PlainRoot;

    /// <summary>Whether no other domain can have rows, so that lists needn't name it.</summary>
    public bool IsAlone { get; private init; } = true;

    /// <summary>The same where there are others.</summary>
    public DomainScope AmongOthers() => this with { IsAlone = false };

    /// <summary>The same where addresses name domains.</summary>
    public DomainScope InAddresses() =>
        this with
        {
            IsAlone = false,
            Segment = $"{Name}/",
            Root = $"/pulp/{Name}/api/v3/",
            SharedRoot = $"/pulp/{DefaultName}/api/v3/",
        };

    /// <summary>The same href without the domain, as it is stored.</summary>
    public string Plain(string href) =>
        href.StartsWith(Root, StringComparison.Ordinal) ? PlainRoot + href[Root.Length..] : href;

    /// <summary>An href of what belongs to the domain, of one that names none.</summary>
    public string Localize(string href) =>
        href.StartsWith(PlainRoot, StringComparison.Ordinal) ? Root + href[PlainRoot.Length..] : href;
}
