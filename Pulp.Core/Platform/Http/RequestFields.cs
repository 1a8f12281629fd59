using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Http;

/// <summary>Reads single members of requests that belong to no kind's fields.</summary>
internal static class RequestFields
{
    public static void RefuseUnknown(RequestBody body, IReadOnlyCollection<string> known, ValidationErrors errors)
    {
        foreach (var name in body.Names.Where(n => !known.Contains(n)))
        {
            errors.Add(FilterInput.Shorten(name), "Unexpected field");
        }
    }

    public static bool Boolean(RequestBody body, string name, bool otherwise, ValidationErrors errors)
    {
        if (!body.TryGet(name, out var given))
        {
            return otherwise;
        }

        if (given.IsNull)
        {
            errors.Add(name, "This field may not be null.");
            return otherwise;
        }

        if (FieldConversion.TryBoolean(given.Raw, out var value))
        {
            return value;
        }

        errors.Add(name, "Must be a valid boolean.");
        return otherwise;
    }

    /// <summary>A text, or null where it is absent or null.</summary>
    public static string? Text(RequestBody body, string name, ValidationErrors errors, bool required = false)
    {
        if (!body.TryGet(name, out var given) || given.IsNull)
        {
            if (required)
            {
                errors.Add(name, given is null ? "This field is required." : "This field may not be null.");
            }

            return null;
        }

        var text = given.AsText(numbersToo: true)?.Trim();
        var fault = text switch
        {
            null => "Not a valid string.",
            "" => "This field may not be blank.",
            _ => TextRules.Fault(text),
        };
        if (fault is not null)
        {
            errors.Add(name, fault);
            return null;
        }

        return text;
    }

    public static long? Integer(
        RequestBody body,
        string name,
        ValidationErrors errors,
        long minimum,
        long maximum,
        bool required = false
    )
    {
        if (!body.TryGet(name, out var given) || given.IsNull)
        {
            if (required)
            {
                errors.Add(name, given is null ? "This field is required." : "This field may not be null.");
            }

            return null;
        }

        if (given.TypeName == "bool" || !WireNumbers.TryInteger(given.Raw, out var number))
        {
            errors.Add(name, "A valid integer is required.");
            return null;
        }

        if (number < minimum)
        {
            errors.Add(name, $"Ensure this value is greater than or equal to {minimum}.");
            return null;
        }

        if (number > maximum)
        {
            errors.Add(name, $"Ensure this value is less than or equal to {maximum}.");
            return null;
        }

        return number;
    }

    public static async Task<Guid?> ReferenceAsync(
        RequestBody body,
        string name,
        Type expected,
        References references,
        Reach reach,
        ValidationErrors errors,
        CancellationToken cancellationToken,
        bool required = false
    )
    {
        if (!body.TryGet(name, out var given) || given.IsNull || given.AsText() is "")
        {
            if (required)
            {
                errors.Add(name, "This field is required.");
            }

            return null;
        }

        var text = given.AsText();
        var id = text is null ? null : await references.ResolveAsync(expected, text, reach, cancellationToken);
        if (text is null)
        {
            errors.Add(name, $"Incorrect type. Expected URL string, received {given.TypeName}.");
        }
        else if (id is null)
        {
            await references.RefuseAsync(name, expected, text, reach, errors, cancellationToken);
        }

        return id;
    }
}
