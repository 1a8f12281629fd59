namespace Pulp.Core.Platform.Resources;

/// <summary>What no text may hold on either database.</summary>
internal static class TextRules
{
    public static string? Fault(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
            {
                return "Null characters are not allowed.";
            }

            if (char.IsSurrogate(text[i]))
            {
                if (!char.IsHighSurrogate(text[i]) || i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1]))
                {
                    return $"Surrogate characters are not allowed: U+{(int)text[i]:X4}.";
                }

                i++;
            }
        }

        return null;
    }
}
