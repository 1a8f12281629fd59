using System.Text;

namespace Pulp.Core.Platform.Data;

/// <summary>Values of statements that are lists.</summary>
internal static class SqlLists
{
    /// <summary>How many values a list has; null for a single value.</summary>
    public static int? CountOf(object? value) =>
        value switch
        {
            IReadOnlyCollection<Guid> ids => ids.Count,
            IReadOnlyCollection<string> texts => texts.Count,
            IReadOnlyCollection<long> numbers => numbers.Count,
            _ => null,
        };

    /// <summary>The values of a list.</summary>
    public static object?[] ValuesOf(object? list) =>
        [.. ((System.Collections.IEnumerable?)list ?? Array.Empty<object>()).Cast<object?>()];

    /// <summary>
    /// The value of a list of one, as most are. Compared as a value, it lets PostgreSQL keep the plan: for a list of any length that
    /// looks dearer than planning the statement again each time.
    /// </summary>
    public static object? OnlyOf(object? value) =>
        value switch
        {
            IReadOnlyCollection<Guid> { Count: 1 } ids => ids.First(),
            IReadOnlyCollection<string> { Count: 1 } texts => texts.First(),
            IReadOnlyCollection<long> { Count: 1 } numbers => numbers.First(),
            _ => null,
        };

    /// <summary>Appends the parameter of a list of one.</summary>
    public static void AppendOnly(StringBuilder text, string parameter)
    {
        if (TakeIn(text))
        {
            text.Append(" = ").Append(parameter);
        }
        else
        {
            text.Append("(select ").Append(parameter).Append(" as value)");
        }
    }

    /// <summary>Takes an <c>in</c> from the end of the text, where it isn't a <c>not in</c>.</summary>
    public static bool TakeIn(StringBuilder text)
    {
        const string In = " in ";
        if (!EndsWith(text, In) || EndsWith(text, " not in "))
        {
            return false;
        }

        text.Length -= In.Length;
        return true;
    }

    private static bool EndsWith(StringBuilder text, string end) =>
        text.Length >= end.Length && text.ToString(text.Length - end.Length, end.Length) == end;
}
