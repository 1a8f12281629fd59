using Pulp.Core.Platform.Http;

namespace Pulp.Core.Platform.Resources;

/// <summary>Turns a request's members into a kind's column values, with the wire's own messages for what is wrong.</summary>
internal sealed class FieldBinder(References references)
{
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

        var (value, error) = FieldConversion.Convert(field, given);
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
}
