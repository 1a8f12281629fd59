namespace Pulp.Core.Platform.Resources;

/// <summary>Takes hrefs and PRNs apart by the kinds and domains that are known, without asking the database.</summary>
internal sealed class ReferenceParser(ResourceRegistry registry, DomainDirectory domains)
{
    /// <summary>Takes a reference apart without asking the database; null when it is none.</summary>
    public ReferenceTarget? Parse(string text)
    {
        if (text.StartsWith("prn:", StringComparison.Ordinal))
        {
            var parts = text.Split(':');
            return parts.Length == 3 && registry.TryModel(parts[1], out var kind) && Guid.TryParse(parts[2], out var id)
                ? new ReferenceTarget(kind, id, null)
                : null;
        }

        if (Segments(text) is not var (segments, domain))
        {
            return null;
        }

        var target = ParseVersion(segments) ?? ParsePlain(segments) ?? ParseNested(segments);
        return domain is null || target is null ? target : target with { Domain = domain };
    }

    /// <summary>The same for kinds whose keys may be numbers, without versions.</summary>
    public (ResourceKind Kind, ResourceKey Key)? ParseKey(string text)
    {
        if (Parse(text) is { } target)
        {
            return target.VersionNumber is null ? (target.Kind, target.Id) : null;
        }

        ResourceKind? kind = null;
        string? key = null;
        if (text.StartsWith("prn:", StringComparison.Ordinal) && text.Split(':') is [_, var model, var id])
        {
            (key, _) = (id, registry.TryModel(model, out kind));
        }
        else if (Segments(text) is var (segments, _))
        {
            (key, _) = (segments[^1], registry.TryPath(string.Join('/', segments[..^1]) + "/", out kind));
        }

        return kind is not null && ResourceKey.Parse(kind, key) is { } found ? (kind, found) : null;
    }

    /// <summary>The parts of an href below the API's root, and the domain it names; null for what isn't below it.</summary>
    private (string[] Segments, string? Domain)? Segments(string text)
    {
        var path = PathOf(text);
        string? domain = null;
        if (
            DomainPaths.NameIn(path) is { IsEmpty: false } name
            // What was written down while addresses named domains means the same afterwards.
            && (domains.IsNamed || name is DomainScope.DefaultName)
        )
        {
            domain = name.ToString();
            path = DomainPaths.Without(domain, path ?? "");
        }

        return
            path is null
            || !path.StartsWith(ResourceKind.ApiRoot, StringComparison.Ordinal)
            || path.Length == ResourceKind.ApiRoot.Length
            || path[^1] != '/'
            ? null
            : (path[ResourceKind.ApiRoot.Length..^1].Split('/'), domain);
    }

    private ReferenceTarget? ParsePlain(string[] segments) =>
        segments.Length >= 2
        && registry.TryPath(string.Join('/', segments[..^1]) + "/", out var kind)
        && Guid.TryParse(segments[^1], out var id)
            ? new ReferenceTarget(kind, id, null)
            : null;

    private ReferenceTarget? ParseNested(string[] segments) =>
        segments.Length >= 4
        && Guid.TryParse(segments[^3], out var parent)
        && registry.TryPath(
            $"{string.Join('/', segments[..^3])}/{{{ParentKind.RouteValue}}}/{segments[^2]}/",
            out var kind
        )
        && Guid.TryParse(segments[^1], out var id)
            ? new ReferenceTarget(kind, id, null) { Parent = parent }
            : null;

    private ReferenceTarget? ParseVersion(string[] segments) =>
        segments.Length >= 4
        && segments[^2] == "versions"
        && WireNumbers.TryInteger(segments[^1], out var number)
        && registry.TryPath(string.Join('/', segments[..^3]) + "/", out var repository)
        && Guid.TryParse(segments[^3], out var id)
            ? new ReferenceTarget(repository, id, number)
            : null;

    /// <summary>Clients may send the absolute address they know; only the path counts.</summary>
    private static string? PathOf(string text)
    {
        if (text.Length == 0 || text.Length > 2000)
        {
            return null;
        }

        if (text[0] == '/')
        {
            return text;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri!.AbsolutePath
            : null;
    }
}

/// <summary>What an href or PRN points to, as far as its text tells.</summary>
internal sealed record ReferenceTarget(ResourceKind Kind, Guid Id, long? VersionNumber)
{
    /// <summary>The resource below which it says to be; null where it says nothing of it.</summary>
    public Guid? Parent { get; init; }

    /// <summary>The domain it says to be in; null where it says nothing of it.</summary>
    public string? Domain { get; init; }

    /// <summary>Whether it can be meant in a domain: what belongs to none is the same in all.</summary>
    public bool IsIn(DomainScope domain) => Domain is null || Kind.DomainColumn is null || Domain == domain.Name;
}
