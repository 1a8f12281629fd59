namespace Pulp.Core.Platform.Resources;

/// <summary>Hrefs and PRNs of a kind's resources.</summary>
internal static class KindHrefs
{
    /// <summary>Where its hrefs begin.</summary>
    public static string Root(this ResourceKind kind, DomainScope domain) =>
        kind.DomainColumn is null ? domain.SharedRoot : domain.Root;

    public static string Href(this ResourceKind kind, DomainScope domain, object id) =>
        kind.Parent is null
            ? $"{kind.Root(domain)}{kind.Path}{id}/"
            : throw new InvalidOperationException($"The href of a {kind.ModelName} names its parent.");

    /// <summary>The href below a parent, where the kind has one.</summary>
    public static string Href(this ResourceKind kind, DomainScope domain, object id, object? parent) =>
        kind.Parent is null
            ? kind.Href(domain, id)
            : $"{kind.Parent.Kind.Href(domain, parent ?? throw new InvalidOperationException($"The {kind.ModelName} has no parent."))}{kind.Parent.PathName}/{id}/";

    /// <summary>The href of a resource.</summary>
    public static string Href(this ResourceKind kind, DomainScope domain, PulpResource resource) =>
        kind.Href(domain, resource.PulpId, kind.ParentField?.Get(resource));

    public static string Prn(this ResourceKind kind, object id) => $"prn:{kind.Model}:{id}";
}
