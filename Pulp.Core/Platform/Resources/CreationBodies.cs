using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>Writes the requests that would create what plugins want, for those who read requests: the kinds' rules and policies' conditions.</summary>
internal sealed class CreationBodies(Database database, ResourceRegistry registry, ResourceStore store)
{
    /// <param name="reach">What whoever wants it may refer to.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="resource">What it is to be.</param>
    /// <param name="kindOf">The kinds of those that are created with it; null for any other id.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<StoredBody> OfAsync(
        Reach reach,
        ResourceKind kind,
        PulpResource resource,
        Func<Guid, ResourceKind?> kindOf,
        CancellationToken cancellationToken
    )
    {
        var members = new JsonObject();
        foreach (var field in kind.Fields.Where(f => f.Writable))
        {
            var value = field.Get(resource);
            if (value is "{}" && field.Attribute.Json == JsonShape.Labels)
            {
                // Who sends none sets none, which needs no right to.
                continue;
            }

            members[field.Name] = value switch
            {
                null => null,
                Guid id => kindOf(id)?.Prn(id) ?? await PrnAsync(reach, field, id, cancellationToken),
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

    private async Task<string> PrnAsync(
        Reach reach,
        FieldDescriptor field,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var record =
            field.Attribute.References ?? throw new InvalidOperationException($"{field.Name} refers to nothing.");
        if (record == typeof(RepositoryVersionRef))
        {
            return References.VersionPrn + id;
        }

        if (!record.IsAbstract)
        {
            return registry.For(record).Prn(id);
        }

        var found = await store.FindByMasterAsync(database, record, reach, id, cancellationToken);
        return found is null ? $"prn:{id}" : registry.Prn(found);
    }
}
