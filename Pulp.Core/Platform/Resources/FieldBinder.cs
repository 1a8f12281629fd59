using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Platform.Resources;

/// <summary>Turns a request's members into a kind's column values, with the wire's own messages for what is wrong.</summary>
internal sealed partial class FieldBinder(References references)
{
    private const string WrongMoment =
        "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].";

    /// <summary>The same in a transaction, where what was made in it can be referred to.</summary>
    public FieldBinder On(SqlSession session) => new(references.On(session));

    /// <summary>Reads the kind's writable fields; members in <paramref name="extra"/> are somebody else's.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="body">The request.</param>
    /// <param name="mode">How absent fields are taken.</param>
    /// <param name="extra">Names that are known beside the kind's fields.</param>
    /// <param name="reach">What its references may mean.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FieldValues> BindAsync(
        ResourceKind kind,
        RequestBody body,
        BindMode mode,
        IReadOnlyCollection<string> extra,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var values = new FieldValues();
        foreach (var name in body.Names)
        {
            if (
                kind.Field(name) is null or { Attribute.Internal: true }
                && !extra.Contains(name)
                && !kind.Outputs.Exists(o => o.Name == name)
            )
            {
                errors.Add(FilterInput.Shorten(name), "Unexpected field");
            }
        }

        foreach (var field in kind.Fields.Where(f => f.Writable))
        {
            if (body.TryGet(field.Name, out var given))
            {
                if (await BindAsync(field, given, reach, errors, cancellationToken) is (true, var value))
                {
                    values[field] = value;
                }
            }
            else if (mode != BindMode.Patch && field.Required)
            {
                errors.Add(field.Name, "This field is required.");
            }
            else if (mode == BindMode.Create)
            {
                values[field] = field.Default;
            }
        }

        return values;
    }

    private async Task<(bool Bound, object? Value)> BindAsync(
        FieldDescriptor field,
        BodyValue given,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        // Empty text is no reference and no number: clients clear those with it, as forms can't say null.
        var emptied =
            given.AsText() is ""
            && (field.Type == FieldType.Reference || (given.IsForm && field.Type != FieldType.Text));
        if (given.IsNull || (emptied && field.Nullable))
        {
            if (field.Nullable)
            {
                return (true, null);
            }

            errors.Add(field.Name, "This field may not be null.");
            return (false, null);
        }

        if (field.Attribute.References is { } target)
        {
            if (field.Type == FieldType.References)
            {
                return await ReferencesAsync(field, given, target, reach, errors, cancellationToken);
            }

            return await ReferenceAsync(field, given, target, reach, errors, cancellationToken);
        }

        var (value, error) = Convert(field, given);
        if (error is not null)
        {
            errors.Add(field.Name, error);
            return (false, null);
        }

        return (true, value);
    }

    private async Task<(bool Bound, object? Value)> ReferenceAsync(
        FieldDescriptor field,
        BodyValue given,
        Type target,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (given.AsText() is not { } text)
        {
            errors.Add(field.Name, $"Incorrect type. Expected URL string, received {given.TypeName}.");
            return (false, null);
        }

        if (await references.ResolveAsync(target, text, reach, cancellationToken) is { } id)
        {
            return (true, id);
        }

        await references.RefuseAsync(field.Name, target, text, reach, errors, cancellationToken);
        return (false, null);
    }

    private async Task<(bool Bound, object? Value)> ReferencesAsync(
        FieldDescriptor field,
        BodyValue given,
        Type target,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        if (given.AsTexts() is not { } texts)
        {
            errors.Add(field.Name, $"Expected a list of items but got type \"{given.TypeName}\".");
            return (false, null);
        }

        var (ids, unknown) = await references.ResolveManyAsync(target, texts, reach, cancellationToken);
        if (unknown is null)
        {
            return (true, ids);
        }

        await references.RefuseAsync(field.Name, target, unknown, reach, errors, cancellationToken);
        return (false, null);
    }

    private static (object? Value, string? Error) Convert(FieldDescriptor field, BodyValue given) =>
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

/// <summary>Column values by field.</summary>
internal sealed class FieldValues
{
    private readonly Dictionary<FieldDescriptor, object?> _values = [];

    public IReadOnlyDictionary<FieldDescriptor, object?> All => _values;

    public object? this[FieldDescriptor field]
    {
        get => _values.GetValueOrDefault(field);
        set => _values[field] = value;
    }

    public bool Has(FieldDescriptor field) => _values.ContainsKey(field);

    /// <summary>The record these values make.</summary>
    public T ToRecord<T>(ResourceKind kind)
        where T : class
    {
        var record = (T)RecordMapper.New(kind);
        foreach (var (field, value) in _values)
        {
            field.Set(record, value);
        }

        // A required text that failed its validation: rules read the record before the errors are answered.
        foreach (var field in kind.Fields.Where(f => f is { Type: FieldType.Text or FieldType.Json, Nullable: false }))
        {
            if (field.Get(record) is null)
            {
                field.Set(record, "");
            }
        }

        return record;
    }
}

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
