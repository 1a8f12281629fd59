namespace Pulp.Core.Tasks;

/// <summary>JSON aggregates of either database.</summary>
internal sealed class JsonAggregates(bool postgres)
{
    public string List(string item) => postgres ? $"json_agg({item})" : $"json_group_array({item})";

    public string Array(params string[] items) =>
        $"{(postgres ? "json_build_array" : "json_array")}({string.Join(", ", items)})";

    public string Object(params string[] columns) =>
        $"{(postgres ? "json_build_object" : "json_object")}({string.Join(", ", columns.Select(c => $"'{c}', p.{c}"))})";
}
