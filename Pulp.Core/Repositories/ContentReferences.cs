using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>Reads long lists of content hrefs and PRNs with one query, however long they are.</summary>
internal sealed class ContentReferences(Database db, ResourceRegistry registry, References references)
{
    private const int MaxUnits = 1_000_000;

    /// <summary>Ids of the units; the second answer says whether <c>*</c> was among them.</summary>
    public async Task<(IReadOnlyList<Guid> Ids, bool All)> ReadAsync(
        RequestBody body,
        string name,
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
        foreach (var text in texts)
        {
            if (
                references.Parse(text) is { VersionNumber: null } target
                && typeof(Content).IsAssignableFrom(target.Kind.Record)
            )
            {
                ids.Add(target.Id);
            }
            else
            {
                errors.Add(name, $"URI not valid: {FilterInput.Shorten(text)}");
                return ([], false);
            }
        }

        return (await ExistingAsync(name, ids, errors, cancellationToken), false);
    }

    private async Task<IReadOnlyList<Guid>> ExistingAsync(
        string name,
        HashSet<Guid> ids,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var found = await db.QueryAsync<Guid>(
            $"select pulp_id from core_content where pulp_id in {ids}",
            cancellationToken
        );
        var missing = ids.Except(found).Take(10).ToList();
        if (missing.Count > 0)
        {
            errors.Add(name, $"Could not find the following content units: {string.Join(", ", missing)}");
        }

        return [.. ids];
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
