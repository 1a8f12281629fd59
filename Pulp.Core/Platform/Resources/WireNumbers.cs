using System.Globalization;

namespace Pulp.Core.Platform.Resources;

/// <summary>Numbers as text. .NET's own parsers pass over NULs at the end, which the wire doesn't.</summary>
internal static class WireNumbers
{
    public static bool TryInteger(string? text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
        && !text.Contains('\0', StringComparison.Ordinal);

    public static bool TryNumber(string? text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number)
        && !text.Contains('\0', StringComparison.Ordinal);
}
