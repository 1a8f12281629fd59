using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Resources;

namespace Pulp.Core.PluginServices;

/// <summary>Resources as plugins find and make them, within the reach of whoever the request or task belongs to.</summary>
internal sealed class PluginResources(
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    ResourceChanges changes,
    TaskDispatcher tasks,
    TaskWaiters waiters,
    RequestOrigin origin
) : IResources
{
    private Reach Reach => origin.Value.Reach;

    public async Task<T?> FindAsync<T>(Guid id, CancellationToken cancellationToken)
        where T : PulpResource =>
        typeof(T).IsAbstract
            ? await store.FindByMasterAsync(database, typeof(T), Reach, id, cancellationToken) as T
            : await store.FindAsync<T>(database, Reach, id, cancellationToken);

    public async Task<IReadOnlyList<T>> FindAsync<T>(SqlText where, CancellationToken cancellationToken)
        where T : PulpResource
    {
        var kind = registry.For<T>();
        var mapper = store.Mapper(kind);
        var found = new List<T>();
        await database.ReadRowsAsync(
            $"""
            select {Sql.Name(mapper.Columns)} from {kind.From}
             where {ReachableRows.Where(kind, Reach, $"({PluginStatement.Check(where)})")} order by {Sql.Name(kind.Key)}
            """,
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token))
                {
                    found.Add((T)mapper.Read(reader));
                }
            },
            cancellationToken
        );
        return found;
    }

    public async Task<T> CreateAsync<T>(T resource, CancellationToken cancellationToken)
        where T : PulpResource
    {
        var kind = registry.For(resource.GetType());
        var asTask = kind.Verbs.HasFlag(Verbs.CreateTask) && kind.Behavior.CreateInTask is null;
        if (!asTask && !kind.Verbs.HasFlag(Verbs.Create))
        {
            throw new InvalidOperationException($"A {kind.ModelName} isn't created like this.");
        }

        var stored = await BodyAsync(kind, resource, cancellationToken);
        await using var body = RequestBody.From(stored);
        var key = asTask
            ? await CreateInTaskAsync(kind, stored, body, cancellationToken)
            : await changes.CreateAsync(kind, Reach, body, cancellationToken);
        return (T)(
            await store.FindAsync(database, kind, Reach, key, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind)
        );
    }

    /// <summary>What is made by one task at a time is made by one here, too.</summary>
    private async Task<ResourceKey> CreateInTaskAsync(
        ResourceKind kind,
        StoredBody stored,
        RequestBody body,
        CancellationToken cancellationToken
    )
    {
        if (origin.Value.ParentTask is not null)
        {
            throw new InvalidOperationException($"A task doesn't wait for another that makes a {kind.ModelName}.");
        }

        await changes.CheckCreateAsync(kind, Reach, body, cancellationToken);
        var task = await tasks.SendAsync<GeneralCreate, ResourceChange>(
            new ResourceChange(kind.Model, Id: null, stored, Partial: false),
            kind.Behavior.Reserve(kind, null, Reach),
            origin.Value,
            cancellationToken
        );
        var end = await waiters.FinishedAsync(task, Reach, cancellationToken);
        if (end is { IsCompleted: true, Created: [var href, ..] })
        {
            return Guid.Parse(href.TrimEnd('/').Split('/')[^1]);
        }

        // Another may have been faster: the check says so.
        await changes.CheckCreateAsync(kind, Reach, body, cancellationToken);
        throw new ConflictException(end.Error ?? $"The {Names.Words(kind.ModelName)} couldn't be made.");
    }

    /// <summary>The request that would make it.</summary>
    private async Task<StoredBody> BodyAsync(
        ResourceKind kind,
        PulpResource resource,
        CancellationToken cancellationToken
    )
    {
        var members = new JsonObject();
        foreach (var field in kind.Fields.Where(f => f.Writable))
        {
            members[field.Name] = field.Get(resource) switch
            {
                null => null,
                Guid id => await PrnAsync(field, id, cancellationToken),
                string json when field.Type == FieldType.Json => JsonNode.Parse(json),
                string text => text,
                long number => number,
                double number => number,
                bool flag => flag,
                DateTimeOffset moment => moment.UtcDateTime.ToString("O"),
                var other => throw new InvalidOperationException($"{field.Name} can't be {other.GetType().Name}."),
            };
        }

        return new StoredBody(members.ToJsonString(), IsForm: false);
    }

    private async Task<string> PrnAsync(FieldDescriptor field, Guid id, CancellationToken cancellationToken)
    {
        var record =
            field.Attribute.References ?? throw new InvalidOperationException($"{field.Name} refers to nothing.");
        if (record == typeof(RepositoryVersionRef))
        {
            return registry.For<RepositoryVersionRecord>().Prn(id);
        }

        if (!record.IsAbstract)
        {
            return registry.For(record).Prn(id);
        }

        var found = await store.FindByMasterAsync(database, record, Reach, id, cancellationToken);
        return found is null ? $"prn:{id}" : registry.Prn(found);
    }
}
