using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Platform.Resources;

/// <summary>Values of fields from what a request says, but for references.</summary>
internal static partial class FieldConversion
{
    private const string WrongMoment =
        "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

    /// <summary>The value of a field, or what is wrong with it in the wire's own words.</summary>
    public static (object? Value, string? Error) Convert(FieldDescriptor field, BodyValue given) =>
        field.Type switch
        {
            FieldType.Text => Text(field, given),
            FieldType.Integer => Integer(field, given),
            FieldType.Number => Number(field, given),
            FieldType.Boolean => TryBoolean(given.Raw, out var flag)
                ? (flag, null)
                : (null, "Must be a valid boolean."),
            FieldType.Timestamp => TryMoment(given.AsText() ?? "", out var moment)
                ? (moment, null)
                : (null, WrongMoment),
            FieldType.Json => JsonField.Read(field.Attribute.Json, given),
            _ => throw new InvalidOperationException($"{field.Name} can't be bound."),
        };

    private static (object? Value, string? Error) Text(FieldDescriptor field, BodyValue given)
    {
        if (given.AsText(numbersToo: true) is not { } raw)
        {
            return (null, "Not a valid string.");
        }

        if (TextRules.Fault(raw) is { } fault)
        {
            return (null, fault);
        }

        var text = raw.Trim();
        if (text.Length == 0 && !field.Attribute.AllowBlank)
        {
            return (null, "This field may not be blank.");
        }

        if (field.Attribute.MaxLength > 0 && text.EnumerateRunes().Count() > field.Attribute.MaxLength)
        {
            return (null, $"Ensure this field has no more than {field.Attribute.MaxLength} characters.");
        }

        if (field.IsIndexed && Encoding.UTF8.GetByteCount(text) > RelativePaths.MaxBytes)
        {
            return (null, $"Ensure this field has no more than {RelativePaths.MaxBytes} bytes.");
        }

        if (field.Attribute.Choices is { } choices && !choices.Contains(text))
        {
            return (null, $"\"{FilterInput.Shorten(text)}\" is not a valid choice.");
        }

        return (text, null);
    }

    private static (object? Value, string? Error) Integer(FieldDescriptor field, BodyValue given) =>
        given.TypeName != "bool" && WireNumbers.TryInteger(given.Raw, out var number)
            ? Bounded(field, number, number)
            : (null, "A valid integer is required.");

    private static (object? Value, string? Error) Number(FieldDescriptor field, BodyValue given) =>
        given.TypeName != "bool" && WireNumbers.TryNumber(given.Raw, out var number)
            ? Bounded(field, number, number)
            : (null, "A valid number is required.");

    private static (object? Value, string? Error) Bounded(FieldDescriptor field, object value, double number)
    {
        if (number < field.Attribute.Minimum)
        {
            return (null, $"Ensure this value is greater than or equal to {field.Attribute.Minimum}.");
        }

        return number > field.Attribute.Maximum
            ? (null, $"Ensure this value is less than or equal to {field.Attribute.Maximum}.")
            : (value, null);
    }

    public static bool TryBoolean(string text, out bool value)
    {
        value = text.ToLowerInvariant() is "true" or "t" or "yes" or "y" or "on" or "1";
        return value || text.ToLowerInvariant() is "false" or "f" or "no" or "n" or "off" or "0";
    }

    public static bool TryMoment(string text, out DateTimeOffset value)
    {
        value = default;
        return MomentShape().IsMatch(text)
            && DateTimeOffset.TryParse(
                text.Replace(' ', 'T'),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out value
            );
    }

    [GeneratedRegex(
        @"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:?\d{2})?)?$",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex MomentShape();
}
