using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Rights;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tenancy;

/// <summary>Removes a domain that nobody needs any more: what is left of its content, its tasks, and then itself.</summary>
internal sealed class DomainDeletion(
    Database database,
    ResourceRegistry registry,
    DomainDirectory domains,
    Orphans orphans,
    ArtifactFiles files,
    AccessMemory access,
    ServingChanges stamp
)
{
    /// <summary>What goes with the domain.</summary>
    private static readonly string[] Going =
    [
        "core_content",
        "core_artifact",
        "core_vulnerabilityreport",
        "core_task",
        "core_taskgroup",
    ];

    public async Task RunAsync(Guid domain, ITaskContext task, CancellationToken cancellationToken)
    {
        await RefuseInUseAsync(domain, cancellationToken);
        await orphans.RemoveAsync(
            domain,
            content: null,
            () => Task.FromResult(DateTimeOffset.MaxValue),
            task,
            cancellationToken
        );
        await database.InTransactionAsync(tx => RemoveAsync(tx, domain, cancellationToken), cancellationToken);
        await files.RemoveDomainAsync(domain, CancellationToken.None);
    }

    /// <exception cref="DomainInUseException">Repositories hold its content.</exception>
    /// <exception cref="ConflictException">It has other resources.</exception>
    private async Task RefuseInUseAsync(Guid domain, CancellationToken cancellationToken)
    {
        var held = await database.FirstOrDefaultAsync<long>(
            $"""
            select 1 from core_repositorycontent rc join core_repository r on r.pulp_id = rc.repository_id
             where r.pulp_domain_id = {domain} limit 1
            """,
            cancellationToken
        );
        if (held == 1)
        {
            throw new DomainInUseException();
        }

        var left = new List<string>();
        var tables = registry
            .All.Where(k => k.DomainColumn == "m.pulp_domain_id" && !Going.Contains(k.MasterTable))
            .DistinctBy(k => k.MasterTable);
        foreach (var kind in tables)
        {
            var found = await database.FirstOrDefaultAsync<long>(
                $"select 1 from {Sql.Name(kind.MasterTable)} where pulp_domain_id = {domain} limit 1",
                cancellationToken
            );
            if (found == 1)
            {
                left.Add(kind.Path.Split('/')[0]);
            }
        }

        if (left.Count > 0)
        {
            throw new ConflictException($"The domain still has resources of its own: {string.Join(", ", left)}.");
        }
    }

    private async Task RemoveAsync(IDb tx, Guid domain, CancellationToken cancellationToken)
    {
        foreach (var table in Going[2..])
        {
            await tx.ExecuteAsync($"delete from {Sql.Name(table)} where pulp_domain_id = {domain}", cancellationToken);
        }

        foreach (var given in new[] { "core_userrole", "core_grouprole" })
        {
            await tx.ExecuteAsync(
                $"""
                delete from {Sql.Name(given)}
                 where in_domain = {domain} or object_domain = {domain}
                    or (object_model = 'core.domain' and object_id = {domain})
                """,
                cancellationToken
            );
        }

        await access.ChangedAsync(tx, cancellationToken);
        await tx.ExecuteAsync($"delete from core_stagedupload where pulp_domain_id = {domain}", cancellationToken);
        var removed = await tx.ExecuteAsync(
            $"""
            delete from core_domain
             where pulp_id = {domain}
               and not exists (select 1 from core_content where pulp_domain_id = {domain})
               and not exists (select 1 from core_artifact where pulp_domain_id = {domain})
            """,
            cancellationToken
        );
        if (removed == 0)
        {
            throw new ConflictException("The domain was used meanwhile.");
        }

        await stamp.ChangedAsync(tx, changed: true, cancellationToken);
        await domains.ChangedAsync(tx, cancellationToken);
    }
}

/// <summary>Repositories hold the domain's content.</summary>
internal sealed class DomainInUseException()
    : PulpException("You cannot delete a domain that still contains repositories with content.")
{
    public override string Code => "PLP0007";

    public override int Status => 409;
}
