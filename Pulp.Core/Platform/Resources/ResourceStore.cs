namespace Pulp.Core.Platform.Resources;

/// <summary>Reads and writes resources of any kind by their declarations.</summary>
internal sealed class ResourceStore(
    ResourceRegistry registry,
    SecretBox secrets,
    TimeProvider clock,
    IOwnership ownership
)
{
    public ResourceRegistry Registry => registry;

    public async Task<T?> FindAsync<T>(IDb db, Reach reach, Guid id, CancellationToken cancellationToken)
        where T : PulpResource => (T?)await FindAsync(db, registry.For<T>(), reach, id, cancellationToken);

    public async Task<object?> FindAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        var mapper = Mapper(kind);
        object? found = null;
        await ((SqlSession)db).ReadRowsAsync(
            $"""
            select {Sql.Name(mapper.Columns)} from {kind.From}
             where {ReachableRows.WhereKey(kind, reach, key)}
            """,
            async (reader, token) =>
            {
                if (await reader.ReadAsync(token))
                {
                    found = mapper.Read(reader);
                }
            },
            cancellationToken
        );
        return found;
    }

    /// <summary>The resource of a master id, whatever its kind.</summary>
    public async Task<PulpResource?> FindByMasterAsync(
        IDb db,
        Type family,
        Reach reach,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var master = MasterTables.Of(family);
        var type = await db.FirstOrDefaultAsync<string>(
            $"select pulp_type from {Sql.Name(master)} where pulp_id = {id}",
            cancellationToken
        );
        return type is null
            ? null
            : (PulpResource?)await FindAsync(db, registry.ForType(master, type), reach, id, cancellationToken);
    }

    public async Task<bool> ExistsAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    ) =>
        await db.FirstOrDefaultAsync<long>(
            $"select 1 from {kind.From} where {ReachableRows.WhereKey(kind, reach, key)}",
            cancellationToken
        ) == 1;

    /// <summary>The domain of a resource within reach, the empty id for one of a kind that belongs to none; null where there is none.</summary>
    public async Task<Guid?> DomainOfAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    ) =>
        kind.DomainColumn is { } column
            ? await db.FirstOrDefaultAsync<Guid?>(
                $"select {Sql.Name(column)} from {kind.From} where {ReachableRows.WhereKey(kind, reach, key)}",
                cancellationToken
            )
        : await ExistsAsync(db, kind, reach, key, cancellationToken) ? Guid.Empty
        : null;

    /// <summary>Those of the ids that there are within reach.</summary>
    public async Task<IReadOnlyList<Guid>> ExistingAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        IReadOnlyList<Guid> ids,
        CancellationToken cancellationToken
    ) =>
        await db.QueryAsync<Guid>(
            $"select {Sql.Name(kind.Key)} from {kind.From} where {ReachableRows.WhereKeys(kind, reach, ids)}",
            cancellationToken
        );

    public RecordMapper Mapper(ResourceKind kind) => new(kind, secrets);

    /// <summary>Inserts the record's master and detail rows; its key, its moments and its domain are given here.</summary>
    public async Task<ResourceKey> InsertAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        FieldValues values,
        CancellationToken cancellationToken,
        Guid? id = null
    )
    {
        var now = clock.GetUtcNow();
        var key = kind.FieldOf(kind.KeyProperty);
        if (!kind.HasIntegerKey)
        {
            values[key] = id ?? Ids.New(now);
        }

        if (kind.Field("pulp_type") is { } type)
        {
            values[type] = kind.PulpType;
        }

        foreach (var field in kind.Fields.Where(f => !values.Has(f) && f != key))
        {
            values[field] = field is { Type: FieldType.Timestamp, Nullable: false } ? now : field.Default;
        }

        var master = values.All.Where(v => !v.Key.OnDetail).Select(v => (v.Key.Column, Stored(v.Key, v.Value)));
        if (kind.DomainColumn is not null)
        {
            master = master.Append(("pulp_domain_id", reach.Domain));
        }

        var insert = InsertInto(kind.MasterTable, [.. master]);
        if (kind.HasIntegerKey)
        {
            var made = await db.ReturningAsync<long>(
                $"{insert} returning {Sql.Name(kind.KeyColumn)}",
                cancellationToken
            );
            await ownership.CreatedAsync(db, kind, reach, made[0], cancellationToken);
            return made[0];
        }

        SqlText[] inserts = kind.DetailTable is { } detail
            ?
            [
                insert,
                InsertInto(
                    detail,
                    [
                        .. values
                            .All.Where(v => v.Key.OnDetail || v.Key == key)
                            .Select(v => (v.Key.Column, Stored(v.Key, v.Value))),
                    ]
                ),
            ]
            : [insert];
        await ((SqlSession)db).BatchAsync(inserts, cancellationToken);
        var added = (Guid)(values[key] ?? throw new InvalidOperationException("The resource has no key."));
        await ownership.CreatedAsync(db, kind, reach, added, cancellationToken);
        return added;
    }

    private static SqlText InsertInto(string table, IReadOnlyList<(string Column, object? Value)> values) =>
        $"""
            insert into {Sql.Name(table)} ({Sql.Names(values.Select(v => v.Column))})
            values ({Sql.List(values.Select(v => (SqlText)$"{v.Value}"))})
            """;

    /// <summary>Sets the given fields; answers false when the resource is gone or out of reach.</summary>
    public async Task<bool> UpdateAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        FieldValues values,
        CancellationToken cancellationToken
    )
    {
        var sets = Sets(values.All.Where(v => !v.Key.OnDetail));
        if (kind.Field("pulp_last_updated") is not null)
        {
            sets.Add($"pulp_last_updated = {clock.GetUtcNow()}");
        }

        if (sets.Count == 0)
        {
            return await ExistsAsync(db, kind, reach, key, cancellationToken);
        }

        var updated = await db.ExecuteAsync(
            $"""
            update {Sql.Name(kind.MasterTable)} set {Sql.List(sets)}
             where {ReachableRows.WhereMasterKey(kind, reach, key)}
            """,
            cancellationToken
        );
        var details = Sets(values.All.Where(v => v.Key.OnDetail));
        if (updated > 0 && details.Count > 0 && kind.DetailTable is { } table)
        {
            await db.ExecuteAsync(
                $"update {Sql.Name(table)} set {Sql.List(details)} where pulp_id = {key.Id}",
                cancellationToken
            );
        }

        return updated > 0;
    }

    private List<SqlText> Sets(IEnumerable<KeyValuePair<FieldDescriptor, object?>> values) =>
        [.. values.Select(v => (SqlText)$"{Sql.Name(v.Key.Column)} = {Stored(v.Key, v.Value)}")];

    /// <summary>Answers false when the resource is gone already, or out of reach.</summary>
    public async Task<bool> DeleteAsync(
        IDb db,
        ResourceKind kind,
        Reach reach,
        ResourceKey key,
        CancellationToken cancellationToken
    )
    {
        var deleted = await db.ExecuteAsync(
            $"delete from {Sql.Name(kind.MasterTable)} where {ReachableRows.WhereMasterKey(kind, reach, key)}",
            cancellationToken
        );
        if (deleted > 0)
        {
            await ownership.DeletedAsync(db, kind, key, cancellationToken);
        }

        return deleted > 0;
    }

    private object? Stored(FieldDescriptor field, object? value) =>
        field.Attribute.Secret && value is string plain ? secrets.Seal(plain) : field.ToParameter(value);
}
