using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Roles;

/// <summary>Gives roles to users and groups.</summary>
internal sealed class AssignmentApi(
    ApiOperations operations,
    Database database,
    AccessMemory memory,
    PermissionCatalog permissions,
    References references,
    ResourceStore store,
    ResourceReader reader,
    TimeProvider clock
)
{
    private static readonly string[] Members = ["role", "content_object", "content_object_prn", "domain"];

    public void Map(ResourceKind kind, string holder)
    {
        operations.Schema(
            kind.SchemaName,
            Schemas.Of(
                [
                    ("role", Schemas.NonEmptyText()),
                    ("content_object", Schemas.NonEmptyText().OrNull()),
                    ("content_object_prn", Schemas.NonEmptyText().OrNull()),
                    ("domain", Schemas.Uri().OrNull()),
                ],
                "role"
            )
        );
        operations.Add(
            kind.OnKind(
                "POST",
                "create",
                kind.Rule("create"),
                $"Give a role to a {holder}",
                request => CreateAsync(request, kind, holder)
            ) with
            {
                Body = kind.SchemaName,
                Responses = ResourceApi.Ok(201, $"{kind.SchemaName}Response"),
            }
        );
    }

    private async Task CreateAsync(AdmittedRequest request, ResourceKind kind, string holder)
    {
        var cancellationToken = request.RequestAborted;
        var owner =
            ParentKind.In(request.Http, kind) ?? throw new InvalidOperationException("A role is given to nobody.");
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, Members, errors);
        var state = await memory.CurrentAsync(cancellationToken);
        var role = ReadRole(body, state, errors);
        var on = await ReadObjectAsync(body, request.Reach, errors, cancellationToken);
        errors.ThrowIfAny();
        Check(role, on, errors);
        errors.ThrowIfAny();
        var id = await StoreAsync(holder, owner.Number, role, on, cancellationToken);
        var created =
            await reader.FindAsync(kind, request.Reach, id, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.CreatedAsync(kind.Href(request.Reach.Scope, id, owner.Value), created);
    }

    private static KnownRole ReadRole(RequestBody body, AccessState state, ValidationErrors errors)
    {
        var name = RequestFields.Text(body, "role", errors, required: true);
        var role = name is null ? null : state.Roles.Find(name);
        if (name is not null && role is null)
        {
            errors.Add("role", $"Object with name={FilterInput.Shorten(name)} does not exist.");
        }

        return role ?? new KnownRole(Guid.Empty, "", new HashSet<string>());
    }

    /// <summary>What the role is to be given on: an object, a domain, or everything.</summary>
    private async Task<(ResourceKind? Kind, AssignedTo To)> ReadObjectAsync(
        RequestBody body,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var named = new[] { "content_object", "content_object_prn" }
            .Where(member => body.TryGet(member, out _))
            .ToList();
        var domain = await DomainAsync(body, errors, cancellationToken);
        if (named.Count == 0 && !body.TryGet("domain", out _))
        {
            errors.Add(
                "Either 'content_object' or 'content_object_prn' needs to be specified. Use 'null' for global or domain level access."
            );
            return (null, AssignedTo.Everything);
        }

        foreach (var member in named)
        {
            if (!body.TryGet(member, out var given) || given.IsNull || given.AsText() is "")
            {
                continue;
            }

            if (domain != Guid.Empty)
            {
                errors.Add("Domain and content_object are mutually exclusive.");
            }

            // Users and groups are the same in all domains, and so is where they are given roles: the object may be in any.
            if (
                given.AsText() is { } text
                && references.ParseKey(text) is { } on
                && await store.DomainOfAsync(database, on.Kind, reach.Everywhere(), on.Key, cancellationToken) is { } of
            )
            {
                return (on.Kind, AssignedTo.Object(on.Kind, on.Key, of));
            }

            errors.Add(member, $"Invalid value: {FilterInput.Shorten(given.AsText() ?? given.TypeName)}.");
            return (null, AssignedTo.Everything);
        }

        return (null, domain == Guid.Empty ? AssignedTo.Everything : AssignedTo.InDomain(domain));
    }

    private async Task<Guid> DomainAsync(RequestBody body, ValidationErrors errors, CancellationToken cancellationToken)
    {
        if (!body.TryGet("domain", out var given) || given.IsNull || given.AsText() is "")
        {
            return Guid.Empty;
        }

        var text = (given.AsText() ?? "").TrimEnd('/');
        var id = Guid.TryParse(text[(text.LastIndexOfAny(['/', ':']) + 1)..], out var parsed) ? parsed : Guid.Empty;
        var known = await database.FirstOrDefaultAsync<long>(
            $"select 1 from core_domain where pulp_id = {id}",
            cancellationToken
        );
        if (known != 1)
        {
            errors.Add("domain", "Invalid hyperlink - Object does not exist.");
        }

        return known == 1 ? id : Guid.Empty;
    }

    private void Check(KnownRole role, (ResourceKind? Kind, AssignedTo To) on, ValidationErrors errors)
    {
        if (on.Kind is { } kind && !role.Permissions.Any(p => permissions.IsAbout(p, kind)))
        {
            errors.Add($"The role '{role.Name}' does not carry any permission for that object.");
        }

        if (on.To.Domain != Guid.Empty && !role.Permissions.Any(permissions.IsInDomains))
        {
            errors.Add($"The role '{role.Name}' does not carry any permission on an object with a domain");
        }
    }

    private Task<Guid> StoreAsync(
        string holder,
        long owner,
        KnownRole role,
        (ResourceKind? Kind, AssignedTo To) on,
        CancellationToken cancellationToken
    ) =>
        database.InTransactionAsync(
            async tx =>
            {
                var made = await tx.ReturningAsync<Guid>(
                    $"{Assigning.Insert(holder, owner, role.Id, on.To, clock.GetUtcNow())} returning pulp_id",
                    cancellationToken
                );
                if (made.Count == 0)
                {
                    throw new ValidationException(
                        ValidationErrors.NonField,
                        $"The role is already assigned to this {holder}."
                    );
                }

                if (on.Kind is not null)
                {
                    await tx.ExecuteAsync(Assigning.Hold(holder, owner, role.Id, on.To.Model), cancellationToken);
                }

                await memory.ChangedAsync(tx, cancellationToken);
                return made[0];
            },
            cancellationToken
        );
}
