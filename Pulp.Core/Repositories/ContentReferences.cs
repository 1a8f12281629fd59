using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>Reads long lists of content hrefs and PRNs with one query, however long they are.</summary>
internal sealed class ContentReferences(
    Database db,
    ResourceRegistry registry,
    ResourceStore store,
    References references
)
{
    private const int MaxUnits = 1_000_000;
    private const int MostTold = 10;

    /// <summary>Ids of the units; the second answer says whether <c>*</c> was among them.</summary>
    public async Task<(IReadOnlyList<Guid> Ids, bool All)> ReadAsync(
        RequestBody body,
        string name,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken,
        bool allowAll = false
    )
    {
        if (!body.TryGet(name, out var given) || given.IsNull)
        {
            return ([], false);
        }

        if (given.AsTexts() is not { } texts || texts.Count > MaxUnits)
        {
            errors.Add(name, $"Expected a list of items but got type \"{given.TypeName}\".");
            return ([], false);
        }

        if (allowAll && texts.Contains("*"))
        {
            if (texts.Count > 1)
            {
                errors.Add(name, "'*' can't be combined with other content units.");
            }

            return ([], true);
        }

        var ids = new HashSet<Guid>(texts.Count);
        var kinds = new Dictionary<Guid, ResourceKind>(reach.Sight is null ? 0 : texts.Count);
        foreach (var text in texts)
        {
            if (
                references.Parse(text) is { VersionNumber: null } target
                && typeof(Content).IsAssignableFrom(target.Kind.Record)
            )
            {
                ids.Add(target.Id);
                if (reach.Sight is not null)
                {
                    kinds[target.Id] = target.Kind;
                }
            }
            else
            {
                errors.Add(name, $"URI not valid: {FilterInput.Shorten(text)}");
                return ([], false);
            }
        }

        if (ids.Count == 0)
        {
            return ([], false);
        }

        var found = await db.QueryAsync<Guid>(
            $"select pulp_id from core_content where pulp_id in {ids} and pulp_domain_id = {reach.Domain}",
            cancellationToken
        );
        if (found.Count < ids.Count)
        {
            ids.ExceptWith(found);
            await RefuseAsync(name, texts, ids, reach, errors, cancellationToken);
            return ([], false);
        }

        if (await HiddenAsync(kinds, reach, cancellationToken) is { Count: > 0 } hidden)
        {
            errors.Add(name, NotFound(hidden));
            return ([], false);
        }

        return ([.. ids], false);
    }

    /// <summary>
    /// Those that are in repositories of which the caller sees none. What is in no repository yet, such as what was just uploaded, whoever
    /// knows of it may add.
    /// </summary>
    private async Task<IReadOnlyList<Guid>> HiddenAsync(
        Dictionary<Guid, ResourceKind> kinds,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        var unseen = kinds.Keys.ToHashSet();
        foreach (var group in kinds.GroupBy(k => k.Value, k => k.Key))
        {
            unseen.ExceptWith(await store.ExistingAsync(db, group.Key, reach, [.. group], cancellationToken));
        }

        return unseen.Count == 0
            ? []
            : await db.QueryAsync<Guid>(
                $"""
                select distinct content_id from core_repositorycontent
                 where content_id in {unseen} limit {(long)MostTold}
                """,
                cancellationToken
            );
    }

    private static string NotFound(IEnumerable<Guid> ids) =>
        $"Could not find the following content units: {string.Join(", ", ids.Take(MostTold))}";

    /// <summary>Says what isn't there, or what is another domain's.</summary>
    private async Task RefuseAsync(
        string name,
        IReadOnlyList<string> texts,
        HashSet<Guid> missing,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var elsewhere = await db.QueryAsync<Guid>(
            $"select pulp_id from core_content where pulp_id in {missing} limit {(long)MostTold}",
            cancellationToken
        );
        if (elsewhere.Count > 0)
        {
            var hrefs = texts.Where(t => references.Parse(t) is { } target && elsewhere.Contains(target.Id));
            var list = string.Join(", ", hrefs.Take(MostTold).Select(h => $"'{FilterInput.Shorten(h)}'"));
            errors.Add(name, $"Content units are not a part of the current domain {reach.Scope.Name}: [{list}]");
            return;
        }

        errors.Add(name, NotFound(missing));
    }

    /// <summary>A repository holds only the kinds it says.</summary>
    public async Task RefuseForeignAsync(
        IReadOnlyList<Guid> ids,
        IReadOnlyList<Type> allowed,
        string name,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (ids.Count == 0 || errors.Has(name))
        {
            return;
        }

        var types = allowed.Select(a => registry.For(a).PulpType).ToList();
        var foreign = await db.FirstOrDefaultAsync<string>(
            $"select pulp_type from core_content where pulp_id in {ids} and pulp_type not in {types} limit 1",
            cancellationToken
        );
        if (foreign is not null)
        {
            errors.Add(name, $"This repository can't hold content of type '{foreign}'.");
        }
    }
}
