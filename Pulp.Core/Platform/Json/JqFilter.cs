using System.Text.Json;

namespace Pulp.Core.Platform.Json;

/// <summary>
/// The part of jq's language that picks a value out of a document: paths (<c>.a.b</c>, <c>."a b"</c>, <c>["a"]</c>, <c>[0]</c>,
/// <c>[-1]</c>, <c>[]</c>), each with <c>?</c> where a wrong type is no error, pipes between them, and <c>tostring</c>. No library
/// for the language restores.
/// </summary>
internal sealed class JqFilter
{
    private const int LongestFilter = 1024;
    private readonly IReadOnlyList<JqStep> _steps;

    private JqFilter(IReadOnlyList<JqStep> steps) => _steps = steps;

    /// <exception cref="FormatException">It isn't jq, or a part of it that isn't known here; the message is meant for clients.</exception>
    public static JqFilter Parse(string text) =>
        text.Length > LongestFilter
            ? throw new FormatException($"A filter has at most {LongestFilter} characters.")
            : new JqFilter(new JqParser(text).Read());

    /// <summary>The first output where that is a text; null for any other, for none, and for an error on the way to it.</summary>
    public string? FirstText(JsonElement input)
    {
        try
        {
            foreach (var output in Outputs(input, step: 0))
            {
                return output.ValueKind == JsonValueKind.String ? output.GetString() : null;
            }
        }
        catch (InvalidOperationException)
        {
            // A step met a value of a type that it can't take, or half a surrogate pair, which is JSON but no text.
        }

        return null;
    }

    /// <summary>What comes out from a step on, one after the other: behind an error there is nothing, as in jq.</summary>
    private IEnumerable<JsonElement> Outputs(JsonElement input, int step)
    {
        if (step == _steps.Count)
        {
            return [input];
        }

        var found =
            _steps[step].Apply(input) ?? throw new InvalidOperationException("The filter can't take this value.");
        return found.SelectMany(next => Outputs(next, step + 1));
    }
}

/// <summary>One step of a filter.</summary>
internal abstract record JqStep
{
    private static readonly JsonElement Null = JsonDocument.Parse("null").RootElement;

    private static readonly JsonSerializerOptions Compact = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private JqStep() { }

    /// <summary>What comes of a value; null for an error, which is nothing where it is optional.</summary>
    public abstract IEnumerable<JsonElement>? Apply(JsonElement value);

    /// <summary>A member of an object; null where it has none.</summary>
    public sealed record Member(string Name) : JqStep
    {
        public override IEnumerable<JsonElement>? Apply(JsonElement value) =>
            value.ValueKind switch
            {
                JsonValueKind.Object => [value.TryGetProperty(Name, out var member) ? member : Null],
                JsonValueKind.Null => [Null],
                _ => null,
            };
    }

    /// <summary>An element of a list; negative ones count from the end.</summary>
    public sealed record Element(int Index) : JqStep
    {
        public override IEnumerable<JsonElement>? Apply(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return value.ValueKind == JsonValueKind.Null ? [Null] : null;
            }

            var at = Index < 0 ? value.GetArrayLength() + Index : Index;
            return [at >= 0 && at < value.GetArrayLength() ? value[at] : Null];
        }
    }

    /// <summary>All elements of a list, or all values of an object.</summary>
    public sealed record Each : JqStep
    {
        public override IEnumerable<JsonElement>? Apply(JsonElement value) =>
            value.ValueKind switch
            {
                JsonValueKind.Array => value.EnumerateArray(),
                JsonValueKind.Object => value.EnumerateObject().Select(p => p.Value),
                _ => null,
            };
    }

    /// <summary>Another value as a text.</summary>
    public sealed record AsText : JqStep
    {
        public override IEnumerable<JsonElement>? Apply(JsonElement value) =>
            [value.ValueKind == JsonValueKind.String ? value : JsonSerializer.SerializeToElement(Written(value))];
    }

    /// <summary>Without blanks, as jq writes it.</summary>
    private static string Written(JsonElement value) => JsonSerializer.Serialize(value, Compact);

    /// <summary>A step whose error is no output.</summary>
    public sealed record Optional(JqStep Step) : JqStep
    {
        public override IEnumerable<JsonElement> Apply(JsonElement value) => Step.Apply(value) ?? [];
    }
}
