using System.Text.Json;
using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tasks;

/// <param name="FinishedBefore">Older ones go.</param>
/// <param name="States">Of these states.</param>
/// <param name="DeletableBy">Only those that this user may delete; null for all.</param>
internal sealed record PurgeArgs(DateTimeOffset FinishedBefore, IReadOnlyList<string> States, long? DeletableBy);

/// <summary>Deletes tasks that ended before a moment, in batches.</summary>
[PulpTask("pulpcore.app.tasks.purge.purge")]
internal sealed class PurgeTasks(Database database, Sights sights, ResourceRegistry registry) : PulpTask<PurgeArgs>
{
    private const long BatchSize = 1000;

    /// <summary>What a request asks for.</summary>
    public static async Task<PurgeArgs> ReadAsync(
        AdmittedRequest request,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var body = await RequestBody.ReadAsync(request, files: null, cancellationToken);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["finished_before", "states"], errors);
        var before = now.AddDays(-30);
        if (
            RequestFields.Text(body, "finished_before", errors) is { } text
            && !FieldConversion.TryMoment(text, out before)
        )
        {
            errors.Add(
                "finished_before",
                "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
            );
        }

        IReadOnlyList<string> states = [TaskStates.Completed];
        if (body.TryGet("states", out var given))
        {
            states = States(given, errors);
        }

        errors.ThrowIfAny();
        return new PurgeArgs(before, states, request.Caller is { IsSuperuser: false, Id: var user } ? user : null);
    }

    /// <summary>The states of the list; the first that is none is refused, as the original does.</summary>
    private static List<string> States(BodyValue given, ValidationErrors errors)
    {
        if (given.IsNull)
        {
            errors.Add("states", "This field may not be null.");
            return [];
        }

        var texts = given.AsTexts() ?? TextsOf(given.Element);
        if (texts is null)
        {
            errors.Add("states", $"Expected a list of items but got type \"{given.TypeName}\".");
        }
        else if (texts.FirstOrDefault(s => !TaskStates.Final.Contains(s)) is { } wrong)
        {
            errors.Add("states", $"\"{FilterInput.Shorten(wrong)}\" is not a valid choice.");
        }

        return [.. texts ?? []];
    }

    /// <summary>A list's items as the original would name them; of an object it sees the names. Null for what has no items.</summary>
    private static IReadOnlyList<string>? TextsOf(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Array => [.. json.EnumerateArray().Select(Name)],
            JsonValueKind.Object => [.. json.EnumerateObject().Select(member => member.Name)],
            _ => null,
        };

    private static string Name(JsonElement item) =>
        item.ValueKind switch
        {
            JsonValueKind.Null => "None",
            JsonValueKind.True => "True",
            JsonValueKind.False => "False",
            JsonValueKind.String => BodyValue.TryText(item, out var text) ? text : "\ufffd",
            JsonValueKind.Array => $"[{string.Join(", ", item.EnumerateArray().Select(Quoted))}]",
            _ => item.GetRawText(),
        };

    private static string Quoted(JsonElement item) =>
        item.ValueKind == JsonValueKind.String ? $"'{Name(item)}'" : Name(item);

    public override async Task<object?> RunAsync(PurgeArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        await using var progress = task.Progress("Purged task-objects total", "purge.tasks.total");
        var domain = TaskContext.Of(task).Domain.Id;
        var which = await WhichAsync(args.DeletableBy, domain, cancellationToken);
        int removed;
        do
        {
            removed = await database.ExecuteAsync(
                $"""
                delete from core_task
                 where pulp_id in (select m.pulp_id from core_task m
                                    where m.finished_at < {args.FinishedBefore} and m.state in {args.States}
                                      and m.pulp_domain_id = {domain} and {which} limit {BatchSize})
                """,
                cancellationToken
            );
            progress.Increment(removed);
        } while (removed > 0);

        return null;
    }

    private async Task<SqlText> WhichAsync(long? deletableBy, Guid domain, CancellationToken cancellationToken)
    {
        if (deletableBy is not { } user)
        {
            return $"1 = 1";
        }

        var sight = await sights.OfAsync(new Caller { Id = user, Username = "" }, domain, cancellationToken);
        return sight.Held(registry.For<TaskRecord>(), Sql.Name("m.pulp_id"), "core.delete_task") ?? $"1 = 1";
    }
}
