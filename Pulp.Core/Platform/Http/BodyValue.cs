using System.Text.Json;

namespace Pulp.Core.Platform.Http;

/// <summary>One member of a request. What came in a form is text, or a list of texts where its name was repeated.</summary>
internal sealed class BodyValue(JsonElement element)
{
    public JsonElement Element { get; } = element;

    public bool IsForm { get; init; }

    public bool IsNull => Element.ValueKind == JsonValueKind.Null;

    /// <summary>A form's text.</summary>
    public string Text => AsText() ?? "";

    /// <summary>The value as it was written.</summary>
    public string Raw =>
        AsText()
        ?? (
            Element.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                ? Element.GetRawText()
                : ""
        );

    public string TypeName => TypeOf(Element);

    public static BodyValue FromForm(IReadOnlyList<string> values) =>
        new(JsonSerializer.SerializeToElement<object>(values.Count == 1 ? values[0] : values)) { IsForm = true };

    /// <summary>The text; null when the value is none.</summary>
    public string? AsText(bool numbersToo = false)
    {
        if (Element.ValueKind == JsonValueKind.String && TryText(Element, out var text))
        {
            return text;
        }

        return numbersToo && Element.ValueKind == JsonValueKind.Number ? Element.GetRawText() : null;
    }

    /// <summary>The value as JSON; a form's text is parsed.</summary>
    public JsonElement? AsJson()
    {
        if (!IsForm || Element.ValueKind != JsonValueKind.String)
        {
            return Element;
        }

        try
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null; // The caller says what it expected.
        }
    }

    /// <summary>Texts of a list; a form's single text is a list of one. Null when it is no list of texts.</summary>
    public IReadOnlyList<string>? AsTexts()
    {
        if (IsForm && Element.ValueKind == JsonValueKind.String)
        {
            return AsJson() is { ValueKind: JsonValueKind.Array } list ? new BodyValue(list).AsTexts() : [Text];
        }

        if (Element.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var texts = new List<string>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !TryText(item, out var text))
            {
                return null;
            }

            texts.Add(text);
        }

        return texts;
    }

    /// <summary>False for text with half a surrogate pair, which .NET refuses to read.</summary>
    public static bool TryText(JsonElement element, out string text)
    {
        try
        {
            text = element.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    /// <summary>What is wrong with a member's name, if anything.</summary>
    public static string? NameFault(JsonProperty member)
    {
        try
        {
            return Resources.TextRules.Fault(member.Name);
        }
        catch (InvalidOperationException)
        {
            return "Surrogate characters are not allowed.";
        }
    }

    /// <summary>The type as the original's messages call it.</summary>
    public static string TypeOf(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => "str",
            JsonValueKind.Number => element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0 ? "float" : "int",
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Array => "list",
            JsonValueKind.Object => "dict",
            _ => "NoneType",
        };
}
