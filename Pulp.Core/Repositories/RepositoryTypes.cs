using Pulp.Core.Platform.Memory;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Repositories;

/// <summary>What never changes of a repository, remembered: its kind and its domain.</summary>
internal sealed class RepositoryTypes(Database database, ResourceRegistry registry)
{
    private readonly RecentlyUsed<Guid, RepositoryType> _known = new(10_000);

    /// <summary>Null where it isn't there. One that was deleted meanwhile may still be known.</summary>
    public async ValueTask<RepositoryType?> FindAsync(Guid repository, CancellationToken cancellationToken)
    {
        if (_known.Find(repository) is { } known)
        {
            return known;
        }

        var row = await database.FirstOrDefaultAsync<Row>(
            $"select pulp_type, pulp_domain_id from core_repository where pulp_id = {repository}",
            cancellationToken
        );
        if (row is null)
        {
            return null;
        }

        var type = new RepositoryType(registry.ForType("core_repository", row.PulpType), row.PulpDomainId);
        _known.Put(repository, type);
        return type;
    }

    /// <exception cref="NotFoundException">It isn't there.</exception>
    public async ValueTask<ResourceKind> KindAsync(Guid repository, CancellationToken cancellationToken) =>
        (await FindAsync(repository, cancellationToken))?.Kind
        ?? throw new NotFoundException("The repository is gone.");

    /// <exception cref="NotFoundException">It isn't there.</exception>
    public async ValueTask<Guid> DomainAsync(Guid repository, CancellationToken cancellationToken) =>
        (await FindAsync(repository, cancellationToken))?.Domain
        ?? throw new NotFoundException("The repository is gone.");

    private sealed record Row
    {
        public string PulpType { get; init; } = "";

        public Guid PulpDomainId { get; init; }
    }
}

/// <summary>What never changes of a repository.</summary>
internal sealed record RepositoryType(ResourceKind Kind, Guid Domain);
