using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tasks;

/// <summary>The task list's own filters.</summary>
internal static class TaskFilters
{
    public static void AddAll(ResourceKind kind)
    {
        kind.Add(ById("parent_task", id => $"m.parent_task_id = {id}"));
        kind.Add(ById("task_group", id => $"m.task_group_id = {id}"));
        kind.Add(ById("worker", id => $"m.worker_id = {id}"));
        kind.Add(
            ById("child_tasks", id => $"m.pulp_id = (select x.parent_task_id from core_task x where x.pulp_id = {id})")
        );
        kind.Add(
            Filters.Sync(
                "created_resources",
                Schemas.Parameter(FieldType.Text),
                (_, v) =>
                    $"exists (select 1 from core_createdresource c where c.task_id = m.pulp_id and (c.href = {v} or c.prn = {v} or c.prn like {"%:" + v}))"
            )
        );
        kind.Add(Resources("exclusive_resources", value => [value]));
        kind.Add(Resources("shared_resources", value => ["shared:" + value]));
        kind.Add(Resources("reserved_resources", value => [value, "shared:" + value]));
        AddLists(kind);
    }

    private static Filter ById(string name, Func<Guid, SqlText> condition) =>
        Filters.Sync(
            name,
            Schemas.Parameter(FieldType.Text),
            (input, value) =>
            {
                var text = value.TrimEnd('/');
                var id = text[(text.LastIndexOfAny(['/', ':']) + 1)..];
                return Guid.TryParse(id, out var found)
                    ? condition(found)
                    : input.Refuse($"URI not valid: {FilterInput.Shorten(value)}");
            }
        );

    /// <summary>Both <c>name</c> and <c>name__in</c>; hrefs mean their PRNs.</summary>
    private static Filter Resources(string name, Func<string, IReadOnlyList<string>> records) =>
        new(
            name,
            Schemas.Parameter(FieldType.Text),
            (input, value, _) =>
            {
                var target = input.References.Parse(value);
                var prn = target is null ? value : target.Kind.Prn(target.Id);
                return Task.FromResult<SqlText?>(Holds(records(prn)));
            }
        );

    private static void AddLists(ResourceKind kind)
    {
        foreach (var name in new[] { "exclusive_resources", "shared_resources", "reserved_resources" })
        {
            var one = kind.Filters[name];
            kind.Add(
                new Filter(
                    name + "__in",
                    Schemas.ListParameter(FieldType.Text),
                    async (input, value, cancellationToken) =>
                    {
                        SqlText? all = null;
                        foreach (var part in Filters.Split(value))
                        {
                            var condition = await one.Build(input, part, cancellationToken);
                            all = all is null ? condition : $"{all} and {condition ?? $"1 = 1"}";
                        }

                        return all;
                    }
                )
            );
        }
    }

    private static SqlText Holds(IReadOnlyList<string> records) =>
        $"""
        exists (select 1 from {Sql.For(
            "jsonb_array_elements_text(m.reserved_resources_record)",
            "json_each(m.reserved_resources_record)"
        )} {Sql.For("r(value)", "r")} where r.value in {records})
        """;
}
