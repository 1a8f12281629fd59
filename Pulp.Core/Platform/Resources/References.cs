namespace Pulp.Core.Platform.Resources;

/// <summary>Reads and writes references between resources: hrefs and PRNs.</summary>
internal sealed class References(ResourceRegistry registry, ResourceStore store, SqlSession db, DomainDirectory domains)
{
    /// <summary>The same in a transaction, where what was made in it is there already.</summary>
    public References On(SqlSession session) => new(registry, store, session, domains);

    /// <summary>What an href or PRN points to, as far as its text tells.</summary>
    public sealed record Target(ResourceKind Kind, Guid Id, long? VersionNumber)
    {
        /// <summary>The resource below which it says to be; null where it says nothing of it.</summary>
        public Guid? Parent { get; init; }

        /// <summary>The domain it says to be in; null where it says nothing of it.</summary>
        public string? Domain { get; init; }

        /// <summary>Whether it can be meant in a domain: what belongs to none is the same in all.</summary>
        public bool IsIn(DomainScope domain) => Domain is null || Kind.DomainColumn is null || Domain == domain.Name;
    }

    /// <summary>Takes a reference apart without asking the database; null when it is none.</summary>
    public Target? Parse(string text)
    {
        if (text.StartsWith("prn:", StringComparison.Ordinal))
        {
            var parts = text.Split(':');
            return parts.Length == 3 && registry.TryModel(parts[1], out var kind) && Guid.TryParse(parts[2], out var id)
                ? new Target(kind, id, null)
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

    private Target? ParsePlain(string[] segments) =>
        segments.Length >= 2
        && registry.TryPath(string.Join('/', segments[..^1]) + "/", out var kind)
        && Guid.TryParse(segments[^1], out var id)
            ? new Target(kind, id, null)
            : null;

    private Target? ParseNested(string[] segments) =>
        segments.Length >= 4
        && Guid.TryParse(segments[^3], out var parent)
        && registry.TryPath(
            $"{string.Join('/', segments[..^3])}/{{{ParentKind.RouteValue}}}/{segments[^2]}/",
            out var kind
        )
        && Guid.TryParse(segments[^1], out var id)
            ? new Target(kind, id, null) { Parent = parent }
            : null;

    private Target? ParseVersion(string[] segments) =>
        segments.Length >= 4
        && segments[^2] == "versions"
        && WireNumbers.TryInteger(segments[^1], out var number)
        && registry.TryPath(string.Join('/', segments[..^3]) + "/", out var repository)
        && Guid.TryParse(segments[^3], out var id)
            ? new Target(repository, id, number)
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

    /// <summary>
    /// The id of what a reference means where such a resource is expected; null when there is none. For a version, a
    /// repository's own reference means its latest version.
    /// </summary>
    public async Task<Guid?> ResolveAsync(Type expected, string text, Reach reach, CancellationToken cancellationToken)
    {
        if (expected == typeof(RepositoryVersionRef))
        {
            return await ResolveVersionAsync(text, reach, cancellationToken);
        }

        if (
            Parse(text) is not { VersionNumber: null } target
            || !expected.IsAssignableFrom(target.Kind.Record)
            || !target.IsIn(reach.Scope)
        )
        {
            return null;
        }

        return await ExistsAsync(target, reach, cancellationToken) ? target.Id : null;
    }

    /// <summary>
    /// The ids of what several references mean, in their order, by one question for each kind among them; or the first that means
    /// nothing.
    /// </summary>
    public async Task<(IReadOnlyList<Guid> Ids, string? Unknown)> ResolveManyAsync(
        Type expected,
        IReadOnlyList<string> texts,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        var targets = texts.Select(Parse).ToList();
        bool Fits(Target? target) =>
            target is { VersionNumber: null }
            && expected.IsAssignableFrom(target.Kind.Record)
            && target.IsIn(reach.Scope);
        var odd = targets.FindIndex(t => !Fits(t));
        if (odd >= 0)
        {
            return ([], texts[odd]);
        }

        var known = targets.OfType<Target>().ToList();
        var found = new HashSet<Guid>();
        foreach (var group in known.GroupBy(t => t.Kind))
        {
            var ids = group.Select(t => t.Id).Distinct().ToList();
            found.UnionWith(await store.ExistingAsync(db, group.Key, ToName(group.Key, reach), ids, cancellationToken));
        }

        foreach (var nested in known.Where(t => t.Parent is not null))
        {
            if (!await ExistsAsync(nested, reach, cancellationToken))
            {
                found.Remove(nested.Id);
            }
        }

        var gone = known.FindIndex(t => !found.Contains(t.Id));
        return gone >= 0 ? ([], texts[gone]) : ([.. known.Select(t => t.Id)], null);
    }

    /// <summary>Says why a reference means nothing.</summary>
    public async Task RefuseAsync(
        string field,
        Type expected,
        string text,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (await IsElsewhereAsync(expected, text, reach, cancellationToken))
        {
            errors.Add($"Objects must all be a part of the {reach.Scope.Name} domain.");
            return;
        }

        errors.Add(
            field,
            Parse(text) is null ? "Invalid hyperlink - No URL match." : "Invalid hyperlink - Object does not exist."
        );
    }

    /// <summary>Whether a reference that means nothing here means something in another domain.</summary>
    private async Task<bool> IsElsewhereAsync(
        Type expected,
        string text,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        if (reach.Scope.IsAlone)
        {
            return false;
        }

        var everywhere = reach.Everywhere();
        return expected == typeof(RepositoryVersionRef)
            ? await ResolveVersionAsync(text, everywhere, cancellationToken) is not null
            : Parse(text) is { VersionNumber: null } target
                && expected.IsAssignableFrom(target.Kind.Record)
                && await ExistsAsync(target, everywhere, cancellationToken);
    }

    private async Task<bool> ExistsAsync(Target target, Reach reach, CancellationToken cancellationToken) =>
        ParentKind.Scope(target.Kind, target.Parent) is { } below
            ? await db.FirstOrDefaultAsync<long>(
                $"""
                select 1 from {target.Kind.From}
                 where {ReachableRows.WhereKey(target.Kind, ToName(target.Kind, reach), target.Id)} and {below}
                """,
                cancellationToken
            ) == 1
            : await store.ExistsAsync(db, target.Kind, ToName(target.Kind, reach), target.Id, cancellationToken);

    /// <summary>Who may write something back has to be able to name what an administrator set there.</summary>
    private static Reach ToName(ResourceKind kind, Reach reach) => kind.IsForAllToName ? reach.Within(null) : reach;

    private async Task<Guid?> ResolveVersionAsync(string text, Reach reach, CancellationToken cancellationToken) =>
        VersionSource(text, reach) is { } source
            ? await db.FirstOrDefaultAsync<Guid?>($"select v.pulp_id from {source}", cancellationToken)
            : null;

    /// <summary>
    /// The row of the version that a reference means, as <c>v</c> of a <c>from</c> clause to which conditions on it can't be added;
    /// null when the text means none.
    /// </summary>
    public SqlText? VersionSource(string text, Reach reach)
    {
        if (text.StartsWith("prn:core.repositoryversion:", StringComparison.Ordinal))
        {
            var repositories = registry.For<Repository>();
            SqlText its = $"{Sql.Name(repositories.Key)} = v.repository_id";
            return Guid.TryParse(text["prn:core.repositoryversion:".Length..], out var id)
                ? (SqlText)
                    $"""
                        core_repositoryversion v where v.pulp_id = {id} and v.complete
                           and exists (select 1 from {repositories.From}
                                        where {ReachableRows.Where(repositories, reach, its)})
                        """
                : null;
        }

        if (
            Parse(text) is not { } target
            || !typeof(Repository).IsAssignableFrom(target.Kind.Record)
            || !(target.IsIn(reach.Scope) || reach.IsEverywhere)
        )
        {
            return null;
        }

        SqlText latest = target.VersionNumber is { } number
            ? (SqlText)$"and v.number = {number}"
            : $"order by v.number desc limit 1";
        return $"""
            core_repositoryversion v
             where v.repository_id = {target.Id} and v.complete
               and exists (select 1 from {target.Kind.From}
                            where {ReachableRows.WhereKey(target.Kind, reach, target.Id)})
               {latest}
            """;
    }
}
