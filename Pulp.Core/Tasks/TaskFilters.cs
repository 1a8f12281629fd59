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
        AddResources(kind, "exclusive_resources", prn => [prn]);
        AddResources(kind, "shared_resources", prn => ["shared:" + prn]);
        AddResources(kind, "reserved_resources", prn => [prn, "shared:" + prn]);
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

    /// <summary>Both <c>name</c> and <c>name__in</c>, which wants all of its resources; hrefs mean their PRNs.</summary>
    private static void AddResources(ResourceKind kind, string name, Func<string, IReadOnlyList<string>> records)
    {
        kind.Add(
            Filters.Sync(name, Schemas.Parameter(FieldType.Text), (input, value) => Reserves(input, [value], records))
        );
        kind.Add(
            Filters.Sync(
                name + "__in",
                Schemas.ListParameter(FieldType.Text),
                (input, value) => Reserves(input, Filters.Split(value), records)
            )
        );
    }

    /// <summary>Counts how many of the resources are reserved: one condition, however many they are.</summary>
    private static SqlText? Reserves(
        FilterInput input,
        IReadOnlyList<string> resources,
        Func<string, IReadOnlyList<string>> records
    )
    {
        string[] prns =
        [
            .. resources
                .Select(r => input.References.Parse(r) is { } target ? target.Kind.Prn(target.Id) : r)
                .Distinct(),
        ];
        string[] wanted = [.. prns.SelectMany(records)];
        if (prns.Length == 0)
        {
            return null;
        }

        return $"""
            (select count(distinct case when r.value like 'shared:%' then substr(r.value, 8) else r.value end)
               from {Sql.For(
                "jsonb_array_elements_text(m.reserved_resources_record)",
                "json_each(m.reserved_resources_record)"
            )} {Sql.For("r(value)", "r")} where r.value in {wanted}) = {(long)prns.Length}
            """;
    }
}
