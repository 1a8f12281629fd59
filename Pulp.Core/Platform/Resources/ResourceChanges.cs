using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Serving;

namespace Pulp.Core.Platform.Resources;

/// <summary>Creates, updates and deletes resources from requests: validation, uniqueness and rows in one place.</summary>
internal sealed class ResourceChanges(Database database, ResourceStore store, FieldBinder binder, ServingChanges stamp)
{
    /// <summary>Validates a new resource without storing it.</summary>
    public Task<ChangeInput> CheckCreateAsync(
        ResourceKind kind,
        Reach reach,
        RequestBody body,
        CancellationToken cancellationToken,
        ResourceKey? parent = null
    ) => CheckCreateAsync(database, kind, reach, body, parent, cancellationToken);

    private async Task<ChangeInput> CheckCreateAsync(
        SqlSession session,
        ResourceKind kind,
        Reach reach,
        RequestBody body,
        ResourceKey? parent,
        CancellationToken cancellationToken
    )
    {
        var behavior = kind.Behavior;
        var errors = new ValidationErrors();
        var values = await binder
            .On(session)
            .BindAsync(kind, body, BindMode.Create, behavior.ExtraMembers, reach, errors, cancellationToken);
        if (kind.ParentField is { } below)
        {
            values[below] = parent?.Value;
        }

        await UniqueRules.CheckAsync(session, kind, reach, values, self: null, errors, cancellationToken);
        await UniqueRules.CheckSetAsync(session, kind, reach, values, self: null, errors, cancellationToken);
        var input = new ChangeInput(session, kind, reach, null, values, values, body, errors);
        await behavior.Validate(input, cancellationToken);
        errors.ThrowIfAny();
        return input;
    }

    public async Task<ResourceKey> CreateAsync(
        ResourceKind kind,
        Reach reach,
        RequestBody body,
        CancellationToken cancellationToken,
        ResourceKey? parent = null,
        Guid? id = null
    )
    {
        var input = await CheckCreateAsync(kind, reach, body, cancellationToken, parent);
        await kind.Behavior.BeforeWrite(input, cancellationToken);
        try
        {
            return await database.InTransactionAsync(
                tx => InsertAsync((SqlSession)tx, input, id, cancellationToken),
                cancellationToken
            );
        }
        catch (Exception error) when (database.Dialect.IsUniqueViolation(error))
        {
            // Another request was faster: the check finds it now.
            await CheckCreateAsync(kind, reach, body, cancellationToken, parent);
            throw;
        }
    }

    /// <summary>
    /// Creates a resource in a transaction of the caller's, in which those that it refers to may have been created too, and where he
    /// may keep others away.
    /// </summary>
    public async Task CreateAsync(
        SqlSession tx,
        ResourceKind kind,
        Reach reach,
        RequestBody body,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var input = await CheckCreateAsync(tx, kind, reach, body, parent: null, cancellationToken);
        await kind.Behavior.BeforeWrite(input, cancellationToken);
        await InsertAsync(tx, input, id, cancellationToken);
    }

    private async Task<ResourceKey> InsertAsync(
        SqlSession tx,
        ChangeInput input,
        Guid? id,
        CancellationToken cancellationToken
    )
    {
        var behavior = input.Kind.Behavior;
        var key = await store.InsertAsync(tx, input.Kind, input.Reach, input.Given, cancellationToken, id);
        await behavior.AfterWrite(tx, key, input, cancellationToken);
        if (behavior.AffectsServing)
        {
            await stamp.ChangedAsync(tx, behavior.CreationServes(key, input), cancellationToken);
        }

        return key;
    }

    /// <summary>Validates an update; answers what would change, which may be nothing.</summary>
    /// <exception cref="NotFoundException">The resource is gone.</exception>
    public async Task<(ChangeInput Input, bool Changes)> CheckUpdateAsync(
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        RequestBody body,
        BindMode mode,
        CancellationToken cancellationToken
    )
    {
        var behavior = kind.Behavior;
        var current = await store.FindAsync(database, kind, reach, key, cancellationToken) ?? throw NotFound(kind);
        var errors = new ValidationErrors();
        var given = await binder.BindAsync(kind, body, mode, behavior.ExtraMembers, reach, errors, cancellationToken);
        var merged = new FieldValues();
        var changes = behavior.ExtraMembers.Any(m => body.TryGet(m, out _));
        foreach (var field in kind.Fields)
        {
            var stored = field.Get(current);
            merged[field] = given.Has(field) ? given[field] : stored;
            if (given.Has(field) && !Same(field, stored, given[field]))
            {
                changes = true;
                if (field.Attribute.Immutable)
                {
                    errors.Add(field.Name, "This field can't be changed.");
                }
            }
        }

        await UniqueRules.CheckAsync(database, kind, reach, given, key, errors, cancellationToken);
        await UniqueRules.CheckSetAsync(database, kind, reach, merged, key, errors, cancellationToken);
        var input = new ChangeInput(database, kind, reach, key, given, merged, body, errors)
        {
            Current = current as PulpResource,
        };
        await behavior.Validate(input, cancellationToken);
        errors.ThrowIfAny();
        return (input, changes);
    }

    public async Task UpdateAsync(
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        RequestBody body,
        BindMode mode,
        CancellationToken cancellationToken
    )
    {
        var behavior = kind.Behavior;
        var (input, _) = await CheckUpdateAsync(kind, reach, key, body, mode, cancellationToken);
        await behavior.BeforeWrite(input, cancellationToken);
        try
        {
            await database.InTransactionAsync(
                async tx =>
                {
                    if (!await store.UpdateAsync(tx, kind, reach, key, input.Given, cancellationToken))
                    {
                        throw NotFound(kind);
                    }

                    await behavior.AfterWrite(tx, key, input, cancellationToken);
                    await stamp.ChangedAsync(tx, behavior.AffectsServing, cancellationToken);
                },
                cancellationToken
            );
        }
        catch (Exception error) when (database.Dialect.IsUniqueViolation(error))
        {
            await CheckUpdateAsync(kind, reach, key, body, mode, cancellationToken);
            throw;
        }
    }

    public async Task<bool> DeleteAsync(
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        var behavior = kind.Behavior;
        try
        {
            return await database.InTransactionAsync(
                async tx =>
                {
                    await behavior.BeforeDelete(tx, key, reach, cancellationToken);
                    var deleted = await store.DeleteAsync(tx, kind, reach, key, cancellationToken);
                    await stamp.ChangedAsync(tx, behavior.AffectsServing, cancellationToken);
                    return deleted;
                },
                cancellationToken
            );
        }
        catch (Exception error) when (database.Dialect.IsForeignKeyViolation(error))
        {
            throw new ConflictException($"This {Names.Words(kind.ModelName)} is still used by other resources.");
        }
    }

    public static NotFoundException NotFound(ResourceKind kind) => new($"No {kind.ModelName} matches the given query.");

    private static bool Same(FieldDescriptor field, object? stored, object? given) =>
        field.Type == FieldType.Json && stored is string a && given is string b
            ? System.Text.Json.Nodes.JsonNode.DeepEquals(
                System.Text.Json.Nodes.JsonNode.Parse(a),
                System.Text.Json.Nodes.JsonNode.Parse(b)
            )
            : Equals(stored, given);
}

/// <summary>How absent fields are taken.</summary>
internal enum BindMode
{
    /// <summary>Required ones are missed, others take their defaults.</summary>
    Create,

    /// <summary>PUT: required ones are missed, others stay.</summary>
    Replace,

    /// <summary>PATCH: all stay.</summary>
    Patch,
}
