using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <summary>What tasks and their groups have beside list and read: cancel, delete, purge.</summary>
internal sealed class TaskApi(
    ApiOperations operations,
    Database database,
    ResourceRegistry registry,
    ResourceReader reader,
    TaskCancellation cancellation,
    TaskDispatcher dispatcher,
    Sights sights,
    TimeProvider clock
) : IOperations
{
    public void Map()
    {
        var (kind, groups) = (registry.For<TaskRecord>(), registry.For<TaskGroupRecord>());
        Describe();
        operations.Add(Cancels(kind, "Cancel a task", request => CancelAsync(request, kind)));
        operations.Add(
            kind.OnOne("DELETE", "delete", kind.Rule("destroy"), "Delete a task", r => DeleteAsync(r, kind)) with
            {
                Responses = ResourceApi.Nothing,
            }
        );
        var purge = kind.OnKind("POST", "purge", kind.Rule("purge", "delete"), "Purge completed tasks", PurgeAsync);
        operations.Add(
            purge with
            {
                Route = $"{purge.Route}purge/",
                DocumentPath = $"{purge.DocumentPath}purge/",
                Body = "Purge",
                Responses = ResourceApi.SendsTask,
            }
        );
        operations.Add(Cancels(groups, "Cancel a task group", request => CancelGroupAsync(request, groups)));
    }

    private static Operation Cancels(ResourceKind kind, string summary, OperationHandler handler) =>
        kind.OnOne("PATCH", "cancel", kind.Rule("partial_update"), summary, handler) with
        {
            Body = "PatchedTaskCancel",
            Responses = new Dictionary<int, System.Text.Json.Nodes.JsonObject?>
            {
                [200] = Schemas.Ref($"{kind.SchemaName}Response"),
                [409] = Schemas.Ref($"{kind.SchemaName}Response"),
            },
        };

    private void Describe()
    {
        operations.Schema(
            "PatchedTaskCancel",
            Schemas.Of([("state", Schemas.Text("The desired state of the task. Only 'canceled' is accepted."))])
        );
        operations.Schema(
            "Purge",
            Schemas.Of([
                (
                    "finished_before",
                    Schemas.Timestamp("Purge tasks completed earlier than this timestamp. Defaults to 30 days ago.")
                ),
                ("states", Schemas.ListOfChoices(TaskStates.Final)),
            ])
        );
        (string, System.Text.Json.Nodes.JsonObject)[] progress =
        [
            ("message", Schemas.ReadOnlyText()),
            ("code", Schemas.ReadOnlyText()),
            ("total", Schemas.Integer().OrNull().ReadOnly()),
            ("done", Schemas.Integer().ReadOnly()),
            ("suffix", Schemas.Text().OrNull().ReadOnly()),
        ];
        operations.Schema("GroupProgressReportResponse", Schemas.Of(progress));
        operations.Schema(
            "ProgressReportResponse",
            Schemas.Of([
                .. progress.Select(p => (p.Item1, (System.Text.Json.Nodes.JsonObject)p.Item2.DeepClone())),
                ("state", Schemas.ReadOnlyText()),
            ])
        );
        operations.Schema(
            "MinimalTaskResponse",
            Schemas.Of(
                [
                    ("pulp_href", Schemas.ReadOnlyUri()),
                    ("prn", Schemas.ReadOnlyText()),
                    ("pulp_created", Schemas.Timestamp().ReadOnly()),
                    ("pulp_last_updated", Schemas.Timestamp().ReadOnly()),
                    ("name", Schemas.Text()),
                    ("state", Schemas.ReadOnlyText()),
                    ("unblocked_at", Schemas.Timestamp().OrNull().ReadOnly()),
                    ("started_at", Schemas.Timestamp().OrNull().ReadOnly()),
                    ("finished_at", Schemas.Timestamp().OrNull().ReadOnly()),
                    ("worker", Schemas.Uri().OrNull().ReadOnly()),
                ],
                "name"
            )
        );
    }

    private static async Task ReadCancelAsync(AdmittedRequest request)
    {
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["state"], errors);
        if (RequestFields.Text(body, "state", errors, required: true) is { } state && state != TaskStates.Canceled)
        {
            errors.Add("state", "The only acceptable value for 'state' is 'canceled'.");
        }

        errors.ThrowIfAny();
    }

    private async Task CancelAsync(AdmittedRequest request, ResourceKind kind)
    {
        var id = request.Id;
        await ReadCancelAsync(request);
        if (await reader.FindAsync(kind, request.Reach, id, request.RequestAborted) is null)
        {
            throw ResourceChanges.NotFound(kind);
        }

        var canceled = await cancellation.CancelAsync(id, request.RequestAborted);
        var task =
            await reader.FindAsync(kind, request.Reach, id, request.RequestAborted)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.JsonAsync(canceled ? 200 : 409, task);
    }

    private async Task CancelGroupAsync(AdmittedRequest request, ResourceKind groups)
    {
        var id = request.Id;
        await ReadCancelAsync(request);
        if (await reader.FindAsync(groups, request.Reach, id, request.RequestAborted) is null)
        {
            throw ResourceChanges.NotFound(groups);
        }

        await EnsureCancellableAsync(request, id);
        var tasks = await database.QueryAsync<Guid>(
            $"select pulp_id from core_task where task_group_id = {id} and state in ('waiting', 'running', 'canceling')",
            request.RequestAborted
        );
        var any = false;
        foreach (var task in tasks)
        {
            any |= await cancellation.CancelAsync(task, request.RequestAborted);
        }

        var group =
            await reader.FindAsync(groups, request.Reach, id, request.RequestAborted)
            ?? throw ResourceChanges.NotFound(groups);
        await request.Response.JsonAsync(any ? 200 : 409, group);
    }

    /// <summary>Who cancels a group may cancel each of its tasks.</summary>
    /// <exception cref="ForbiddenException">One of them may not be cancelled.</exception>
    private async Task EnsureCancellableAsync(AdmittedRequest request, Guid group)
    {
        if (request.Caller is not { IsSuperuser: false } caller)
        {
            return;
        }

        var sight = await sights.OfAsync(caller, request.Reach.Domain, request.RequestAborted);
        if (
            sight.Held(registry.For<TaskRecord>(), Sql.Name("m.pulp_id"), "core.change_task") is { } held
            && await database.FirstOrDefaultAsync<long>(
                $"select 1 from core_task m where m.task_group_id = {group} and not ({held})",
                request.RequestAborted
            ) == 1
        )
        {
            throw new ForbiddenException();
        }
    }

    private async Task DeleteAsync(AdmittedRequest request, ResourceKind kind)
    {
        var id = request.Id;
        var final = TaskStates.Final;
        var deleted = await database.ExecuteAsync(
            $"delete from core_task where pulp_id = {id} and state in {final} and pulp_domain_id = {request.Reach.Domain}",
            request.RequestAborted
        );
        if (deleted == 0)
        {
            throw await reader.FindAsync(kind, request.Reach, id, request.RequestAborted) is null
                ? ResourceChanges.NotFound(kind)
                : new ConflictException("The task has not ended; cancel it first.");
        }

        request.Response.StatusCode = 204;
    }

    private async Task PurgeAsync(AdmittedRequest request)
    {
        var args = await PurgeTasks.ReadAsync(request, clock.GetUtcNow(), request.RequestAborted);
        var task = await dispatcher.SendAsync<PurgeTasks, PurgeArgs>(
            args,
            new DispatchOptions(),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }
}
