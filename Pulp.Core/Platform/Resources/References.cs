namespace Pulp.Core.Platform.Resources;

/// <summary>Reads and writes references between resources: hrefs and PRNs.</summary>
internal sealed class References(ReferenceParser parser, ResourceRegistry registry, ResourceStore store, SqlSession db)
{
    /// <summary>What is before a version's id in its PRN.</summary>
    public const string VersionPrn = "prn:core.repositoryversion:";

    /// <summary>The same in a transaction, where what was made in it is there already.</summary>
    public References On(SqlSession session) => new(parser, registry, store, session);

    /// <summary>Takes a reference apart without asking the database; null when it is none.</summary>
    public ReferenceTarget? Parse(string text) => parser.Parse(text);

    /// <summary>The same for kinds whose keys may be numbers, without versions.</summary>
    public (ResourceKind Kind, ResourceKey Key)? ParseKey(string text) => parser.ParseKey(text);

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
        bool Fits(ReferenceTarget? target) =>
            target is { VersionNumber: null }
            && expected.IsAssignableFrom(target.Kind.Record)
            && target.IsIn(reach.Scope);
        var odd = targets.FindIndex(t => !Fits(t));
        if (odd >= 0)
        {
            return ([], texts[odd]);
        }

        var known = targets.OfType<ReferenceTarget>().ToList();
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

    private async Task<bool> ExistsAsync(ReferenceTarget target, Reach reach, CancellationToken cancellationToken) =>
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
        if (text.StartsWith(VersionPrn, StringComparison.Ordinal))
        {
            var repositories = registry.For<Repository>();
            SqlText its = $"{Sql.Name(repositories.Key)} = v.repository_id";
            return Guid.TryParse(text[VersionPrn.Length..], out var id)
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
