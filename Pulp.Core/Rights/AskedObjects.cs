using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>Where a condition's object comes from; null where there is none to ask about.</summary>
internal delegate ValueTask<(ResourceKind Kind, ResourceKey Key)?> FindObject(
    AskedRequest asked,
    CancellationToken cancellationToken
);

/// <summary>The objects that conditions ask about beside that of the path.</summary>
internal sealed class AskedObjects(References references, ResourceRegistry registry, Database database)
{
    /// <summary>The object that a member of the request names: the first member that is there.</summary>
    public FindObject Named(params IReadOnlyList<string> members) =>
        async (asked, cancellationToken) =>
        {
            foreach (var member in members)
            {
                if (asked.Body?.TryGet(member, out var given) == true && !given.IsNull && given.AsText() is not "")
                {
                    return await ReadAsync(member, given, asked.Reach, cancellationToken);
                }
            }

            return null;
        };

    /// <exception cref="ValidationException">It names nothing.</exception>
    private async ValueTask<(ResourceKind Kind, ResourceKey Key)?> ReadAsync(
        string member,
        BodyValue given,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        if (given.AsText() is not { } text)
        {
            throw new ValidationException(member, $"Incorrect type. Expected URL string, received {given.TypeName}.");
        }

        if (references.Parse(text) is { } target)
        {
            return (target.Kind, target.Id);
        }

        // A version's PRN doesn't say its repository.
        if (references.VersionSource(text, reach) is { } version)
        {
            var repository = await database.FirstOrDefaultAsync<OwnerRow>(
                $"""
                select r.pulp_id, r.pulp_type from core_repository r
                 where r.pulp_id = (select v.repository_id from {version})
                """,
                cancellationToken
            );
            return repository is null
                ? throw new ValidationException(member, "Invalid hyperlink - Object does not exist.")
                : (registry.ForType("core_repository", repository.PulpType), repository.PulpId);
        }

        throw new ValidationException(member, "Invalid hyperlink - No URL match.");
    }

    /// <summary>The repository that the path's object belongs to.</summary>
    public async ValueTask<(ResourceKind Kind, ResourceKey Key)?> RepositoryOfAsync(
        AskedRequest asked,
        CancellationToken cancellationToken
    )
    {
        if (
            asked.Object is not { } on
            || on.Kind.Fields.FirstOrDefault(f =>
                f.Attribute.References is { } to && to.IsAssignableTo(typeof(Repository))
            )
                is not { } field
        )
        {
            return null;
        }

        var owner = await database.FirstOrDefaultAsync<OwnerRow>(
            $"""
            select x.pulp_id, x.pulp_type from {on.Kind.From} join core_repository x on x.pulp_id = {Sql.Name(
                on.Kind.Column(field)
            )}
             where {Sql.Name(on.Kind.Key)} = {on.Key.Value}
            """,
            cancellationToken
        );
        return owner is null ? null : (registry.ForType("core_repository", owner.PulpType), owner.PulpId);
    }

    private sealed record OwnerRow
    {
        public Guid PulpId { get; init; }

        public string PulpType { get; init; } = "";
    }
}
