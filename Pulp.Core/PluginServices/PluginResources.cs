using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Resources;

namespace Pulp.Core.PluginServices;

/// <summary>Resources as plugins find and make them, within the reach of whoever the request or task belongs to.</summary>
internal sealed class PluginResources(
    Database database,
    ResourceRegistry registry,
    ResourceStore store,
    ResourceCreation creation,
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
        var ids = await creation.CreateAsync(origin.Value, [resource], cancellationToken);
        var kind = registry.For(resource.GetType());
        return (T)(
            await store.FindAsync(database, kind, Reach, ids[0], CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind)
        );
    }

    public Task CreateAllAsync(IReadOnlyList<PulpResource> resources, CancellationToken cancellationToken) =>
        creation.CreateAsync(origin.Value, resources, cancellationToken);
}
