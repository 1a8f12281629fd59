namespace Pulp.Core.Platform.Resources;

/// <summary>Reads and writes resources of any kind by their declarations.</summary>
internal sealed class ResourceStore(ResourceRegistry registry, SecretBox secrets, TimeProvider clock)
{
    public ResourceRegistry Registry => registry;

    public async Task<T?> FindAsync<T>(IDb db, Guid id, CancellationToken cancellationToken)
        where T : PulpResource => (T?)await FindAsync(db, registry.For<T>(), id, cancellationToken);

    public async Task<PulpResource?> FindAsync(IDb db, ResourceKind kind, Guid id, CancellationToken cancellationToken)
    {
        var mapper = new RecordMapper(kind, secrets);
        PulpResource? found = null;
        var sql = SqlText.Raw($"select {mapper.Columns} from {kind.From} where {kind.Key} = ");
        sql.Append($"{id}");
        await ((SqlSession)db).ReadRowsAsync(
            sql,
            async (reader, token) =>
            {
                if (await reader.ReadAsync(token))
                {
                    found = (PulpResource)mapper.Read(reader);
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
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var master = MasterTables.Of(family);
        var sql = SqlText.Raw($"select pulp_type from {master} where pulp_id = ");
        sql.Append($"{id}");
        var type = await db.FirstOrDefaultAsync<string>(sql, cancellationToken);
        return type is null ? null : await FindAsync(db, registry.ForType(master, type), id, cancellationToken);
    }

    public RecordMapper Mapper(ResourceKind kind) => new(kind, secrets);

    /// <summary>Inserts the record's master and detail rows; id and moments are made here.</summary>
    public async Task<Guid> InsertAsync(
        IDb db,
        ResourceKind kind,
        FieldValues values,
        CancellationToken cancellationToken,
        Guid? id = null
    )
    {
        var key = id ?? Ids.New(clock.GetUtcNow());
        var now = clock.GetUtcNow();
        values[kind.FieldOf(nameof(PulpResource.PulpId))] = key;
        values[kind.FieldOf(nameof(PulpResource.PulpCreated))] = now;
        values[kind.FieldOf(nameof(PulpResource.PulpLastUpdated))] = now;
        if (kind.Field("pulp_type") is { } type)
        {
            values[type] = kind.PulpType;
        }

        foreach (var field in kind.Fields.Where(f => !values.Has(f)))
        {
            values[field] = field.Name == "timestamp_of_interest" ? now : field.Default;
        }

        await InsertRowAsync(db, kind.MasterTable, [.. values.All.Where(v => !v.Key.OnDetail)], cancellationToken);
        if (kind.DetailTable is { } detail)
        {
            var rows = values.All.Where(v => v.Key.OnDetail || v.Key.PropertyName == nameof(PulpResource.PulpId));
            await InsertRowAsync(db, detail, [.. rows], cancellationToken);
        }

        return key;
    }

    private async Task InsertRowAsync(
        IDb db,
        string table,
        IReadOnlyList<KeyValuePair<FieldDescriptor, object?>> values,
        CancellationToken cancellationToken
    )
    {
        var sql = SqlText.Raw($"insert into {table} ({string.Join(", ", values.Select(v => v.Key.Column))}) values (");
        for (var i = 0; i < values.Count; i++)
        {
            sql.AppendLiteral(i == 0 ? "" : ", ");
            sql.Append($"{Stored(values[i].Key, values[i].Value)}");
        }

        sql.AppendLiteral(")");
        await db.ExecuteAsync(sql, cancellationToken);
    }

    /// <summary>Sets the given fields; answers false when the resource is gone.</summary>
    public async Task<bool> UpdateAsync(
        IDb db,
        ResourceKind kind,
        Guid id,
        FieldValues values,
        CancellationToken cancellationToken
    )
    {
        var detail = values.All.Where(v => v.Key.OnDetail).ToList();
        if (detail.Count > 0 && kind.DetailTable is { } table)
        {
            await UpdateRowAsync(db, table, id, detail, touch: false, cancellationToken);
        }

        var master = values.All.Where(v => !v.Key.OnDetail).ToList();
        return await UpdateRowAsync(db, kind.MasterTable, id, master, touch: true, cancellationToken) > 0;
    }

    private async Task<int> UpdateRowAsync(
        IDb db,
        string table,
        Guid id,
        IReadOnlyList<KeyValuePair<FieldDescriptor, object?>> values,
        bool touch,
        CancellationToken cancellationToken
    )
    {
        var sql = SqlText.Raw($"update {table} set ");
        for (var i = 0; i < values.Count; i++)
        {
            sql.AppendLiteral((i == 0 ? "" : ", ") + values[i].Key.Column + " = ");
            sql.Append($"{Stored(values[i].Key, values[i].Value)}");
        }

        if (touch)
        {
            sql.AppendLiteral(values.Count == 0 ? "pulp_last_updated = " : ", pulp_last_updated = ");
            sql.Append($"{clock.GetUtcNow()}");
        }

        sql.Append($" where pulp_id = {id}");
        return await db.ExecuteAsync(sql, cancellationToken);
    }

    public async Task<bool> DeleteAsync(IDb db, ResourceKind kind, Guid id, CancellationToken cancellationToken)
    {
        var sql = SqlText.Raw($"delete from {kind.MasterTable} where pulp_id = ");
        sql.Append($"{id}");
        return await db.ExecuteAsync(sql, cancellationToken) > 0;
    }

    /// <summary>Adds an error for each unique field whose value is taken by another resource.</summary>
    public async Task CheckUniqueAsync(
        IDb db,
        ResourceKind kind,
        FieldValues values,
        Guid? self,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        foreach (var (field, value) in values.All.Where(v => v.Key.Attribute.Unique && v.Value is not null))
        {
            var sql = SqlText.Raw($"select 1 from {kind.MasterTable} where {field.Column} = ");
            sql.Append($"{value} and pulp_id <> {self ?? Guid.Empty}");
            if (await db.FirstOrDefaultAsync<long>(sql, cancellationToken) == 1)
            {
                errors.Add(field.Name, "This field must be unique.");
            }
        }
    }

    private object? Stored(FieldDescriptor field, object? value) =>
        field.Attribute.Secret && value is string plain ? secrets.Seal(plain) : field.ToParameter(value);
}
