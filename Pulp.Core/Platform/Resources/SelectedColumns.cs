using System.Text.Json;

namespace Pulp.Core.Platform.Resources;

/// <summary>The columns that members need, each once, and where each member finds its own.</summary>
internal sealed class SelectedColumns
{
    public SelectedColumns(IReadOnlyList<OutputField> outputs)
    {
        var columns = new List<string>();
        var places = new List<(OutputField, int)>();
        foreach (var output in outputs)
        {
            // A member of several columns finds them side by side.
            var at = output.Select is [var only] ? columns.IndexOf(only) : -1;
            if (at < 0)
            {
                at = columns.Count;
                columns.AddRange(output.Select);
            }

            places.Add((output, at));
        }

        Text = SqlText.Raw(columns.Count == 0 ? "1" : string.Join(", ", columns));
        Places = [.. places];
    }

    /// <summary>What follows <c>select</c>.</summary>
    public SqlText Text { get; }

    /// <summary>Each member and the index of its first column.</summary>
    public (OutputField Output, int At)[] Places { get; }

    /// <summary>Writes a row as an object.</summary>
    public void Write(Utf8JsonWriter json, RowReader row)
    {
        json.WriteStartObject();
        foreach (var (output, at) in Places)
        {
            json.WritePropertyName(output.EncodedName);
            output.Write(json, row, at);
        }

        json.WriteEndObject();
    }
}
