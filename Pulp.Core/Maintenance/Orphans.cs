using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Repositories;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Maintenance;

/// <summary>What to clean: these units, or all; protected for so many minutes.</summary>
internal sealed record OrphanArgs(IReadOnlyList<Guid>? Content, long? ProtectionMinutes);

/// <summary>Removes content that no repository holds, and files that nothing refers to.</summary>
[PulpTask("pulpcore.app.tasks.orphan.orphan_cleanup")]
internal sealed class OrphanCleanup(Database database, FileStorage storage, PulpSettings settings, TimeProvider clock)
    : PulpTask<OrphanArgs>
{
    private const long BatchSize = 1000;

    public override async Task<object?> RunAsync(
        OrphanArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var before = await BeforeAsync(
            clock.GetUtcNow().AddMinutes(-(args.ProtectionMinutes ?? settings.OrphanProtectionTime)),
            cancellationToken
        );
        await using (var progress = task.Progress("Clean up orphan Content", "clean-up.content"))
        {
            await CleanContentAsync(args, before, progress, cancellationToken);
            progress.Complete();
        }

        await using (var progress = task.Progress("Clean up orphan Artifacts", "clean-up.artifacts"))
        {
            await CleanArtifactsAsync(before, progress, cancellationToken);
            progress.Complete();
        }

        storage.RemoveAbandoned(clock.GetUtcNow().AddDays(-1));
        return null;
    }

    /// <summary>What has become of interest since the oldest running task began may be what that task is about to use.</summary>
    private async Task<DateTimeOffset> BeforeAsync(DateTimeOffset wanted, CancellationToken cancellationToken)
    {
        var oldest = await database.FirstOrDefaultAsync<DateTimeOffset?>(
            $"select started_at from core_task where state in ('running', 'canceling') order by started_at limit 1",
            cancellationToken
        );
        return oldest < wanted ? oldest.Value : wanted;
    }

    private async Task CleanContentAsync(
        OrphanArgs args,
        DateTimeOffset before,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        var only = args.Content is { } content ? (SqlText)$"pulp_id in {content} and " : new SqlText();
        SqlText orphaned = $"""
            {only} timestamp_of_interest <= {before}
            and not exists (select 1 from core_repositorycontent rc where rc.content_id = core_content.pulp_id)
            """;

        // From one end to the other, so that what stays is looked at once, not once for each batch.
        var last = Guid.Empty;
        IReadOnlyList<Guid> batch;
        do
        {
            batch = await database.QueryAsync<Guid>(
                $"""
                select pulp_id from core_content
                 where {orphaned} and pulp_id > {last} order by pulp_id limit {BatchSize}
                """,
                cancellationToken
            );
            if (batch.Count > 0)
            {
                last = batch[^1];
                var removed = await RemoveAsync("core_content", batch, orphaned, $"pulp_id", cancellationToken);
                progress.Increment(removed.Count);
            }
        } while (batch.Count == BatchSize);
    }

    /// <summary>
    /// Removes those of the rows that still are orphans. PostgreSQL locks them first: whoever is adding one has done so when that
    /// returns, and the statement behind it sees it; whoever comes later finds the row gone.
    /// </summary>
    private async Task<IReadOnlyList<object?[]>> RemoveAsync(
        string table,
        IReadOnlyList<Guid> batch,
        SqlText orphaned,
        SqlText answer,
        CancellationToken cancellationToken
    )
    {
        var rows = SqlText.Raw(table);
        return await database.InRepeatedTransactionAsync(
            async tx =>
                (
                    await ((SqlSession)tx).BatchAsync(
                        [
                            $"select pulp_id from {rows} where pulp_id in {batch} order by pulp_id {Sql.For("for update", "")}",
                            $"delete from {rows} where pulp_id in {batch} and {orphaned} returning {answer}",
                        ],
                        cancellationToken
                    )
                )[^1],
            cancellationToken
        );
    }

    private async Task CleanArtifactsAsync(
        DateTimeOffset before,
        IProgressReport progress,
        CancellationToken cancellationToken
    )
    {
        SqlText orphaned = $"""
            timestamp_of_interest <= {before}
            and not exists (select 1 from core_contentartifact f where f.artifact_id = core_artifact.pulp_id)
            and not exists (select 1 from core_publishedmetadata p where p.artifact_id = core_artifact.pulp_id)
            """;
        var last = Guid.Empty;
        IReadOnlyList<Guid> batch;
        do
        {
            batch = await database.QueryAsync<Guid>(
                $"""
                select pulp_id from core_artifact
                 where {orphaned} and pulp_id > {last} order by pulp_id limit {BatchSize}
                """,
                cancellationToken
            );
            if (batch.Count == 0)
            {
                return;
            }

            last = batch[^1];

            // Nobody adds artifacts while a batch goes: a file that is added again meanwhile would be lost.
            await using var alone = await storage.ExcludeAsync(cancellationToken);
            var files = await RemoveAsync("core_artifact", batch, orphaned, $"file", cancellationToken);
            foreach (var file in files)
            {
                storage.Delete((string)file[0]!);
            }

            progress.Increment(files.Count);
        } while (batch.Count == BatchSize);
    }
}

/// <summary>Asks for the cleaning.</summary>
internal sealed class OrphanApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    References references,
    TaskDispatcher dispatcher
) : IOperations
{
    public void Map()
    {
        operations.Schema(
            "OrphansCleanup",
            Schemas.Of([
                (
                    "content_hrefs",
                    Schemas.Array(
                        Schemas.Text(),
                        "Will delete specified content and associated Artifacts if they are orphans."
                    )
                ),
                (
                    "orphan_protection_time",
                    Schemas
                        .Integer("The time in minutes for how long Pulp will hold orphan Content and Artifacts.")
                        .Between(0, uint.MaxValue)
                        .OrNull()
                ),
            ])
        );
        var cleanup = new Operation
        {
            Id = "orphans_cleanup_cleanup",
            Method = "POST",
            Route = ResourceKind.ApiRoot + "orphans/cleanup/",
            Path = ResourceKind.ApiRoot + "orphans/cleanup/",
            Tag = "Orphans: Cleanup",
            Summary = "Clean up orphans",
            Access = new AccessRule.Policy("orphans", "cleanup", Target.None, Kind: null, Permission: ""),
            Body = "OrphansCleanup",
            Responses = ResourceApi.Ok(202, "AsyncOperationResponse"),
            Handler = CleanupAsync,
        };
        operations.Add(cleanup);
        operations.Add(
            cleanup with
            {
                Id = "orphans_delete",
                Method = "DELETE",
                Route = ResourceKind.ApiRoot + "orphans/",
                Path = ResourceKind.ApiRoot + "orphans/",
                Tag = "Orphans",
                Summary = "Delete orphans",
                Body = null,
                Handler = request => SendAsync(request, new OrphanArgs(null, null)),
            }
        );
    }

    private async Task CleanupAsync(AdmittedRequest request)
    {
        await using var body = await RequestBody.ReadAsync(request.Request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        Members.RefuseUnknown(body, ["content_hrefs", "orphan_protection_time"], errors);
        var minutes = Members.Integer(body, "orphan_protection_time", errors, 0, uint.MaxValue);
        var (content, _) = await new ContentReferences(database, registry, references).ReadAsync(
            body,
            "content_hrefs",
            errors,
            request.RequestAborted
        );
        var given = body.TryGet("content_hrefs", out var hrefs) && !hrefs.IsNull;
        if (given && content.Count == 0 && errors.IsEmpty)
        {
            errors.Add("content_hrefs", "This field must be either null or a non-empty list.");
        }

        errors.ThrowIfAny();
        await SendAsync(request, new OrphanArgs(given ? content : null, minutes));
    }

    private async Task SendAsync(AdmittedRequest request, OrphanArgs args)
    {
        var task = await dispatcher.SendAsync<OrphanCleanup, OrphanArgs>(
            args,
            new DispatchOptions().Exclusive("/api/v3/orphans/cleanup/"),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }
}
