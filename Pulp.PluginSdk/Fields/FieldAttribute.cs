namespace Pulp.PluginSdk.Fields;

/// <summary>Which filter parameters a list offers for a field. The names follow the Pulp 3 REST API's filter suffixes.</summary>
[Flags]
public enum Lookups
{
    /// <summary>The field can't be filtered on.</summary>
    None = 0,

    /// <summary><c>field=value</c>.</summary>
    Exact = 1,

    /// <summary><c>field__in=a,b</c>.</summary>
    In = 1 << 1,

    /// <summary><c>field__ne=value</c>.</summary>
    NotEqual = 1 << 2,

    /// <summary><c>field__contains=value</c>, case-sensitive.</summary>
    Contains = 1 << 3,

    /// <summary><c>field__icontains=value</c>, case-insensitive.</summary>
    IContains = 1 << 4,

    /// <summary><c>field__iexact=value</c>, case-insensitive.</summary>
    IExact = 1 << 5,

    /// <summary><c>field__startswith</c> and <c>field__istartswith</c>.</summary>
    StartsWith = 1 << 6,

    /// <summary><c>field__regex</c> and <c>field__iregex</c>.</summary>
    Regex = 1 << 7,

    /// <summary><c>field__gt</c> and <c>field__lt</c>.</summary>
    GreaterLess = 1 << 8,

    /// <summary><c>field__gte</c> and <c>field__lte</c>.</summary>
    OrEqual = 1 << 9,

    /// <summary><c>field__range=a,b</c>, both ends included.</summary>
    Range = 1 << 10,

    /// <summary><c>field__isnull=true</c>.</summary>
    IsNull = 1 << 11,

    /// <summary>What Pulp offers for names.</summary>
    Text = Exact | In | Contains | IContains | IExact | StartsWith | Regex,

    /// <summary>What Pulp offers for timestamps.</summary>
    Date = Exact | GreaterLess | OrEqual | Range | IsNull,

    /// <summary>What Pulp offers for numbers that can be absent.</summary>
    Number = Exact | NotEqual | GreaterLess | OrEqual | Range | IsNull,
}

/// <summary>
/// Makes a record's property a field of the resource: column, JSON member, validation, filters and API document all follow
/// from this one declaration. The wire name is the property's name in snake_case; whether null is allowed follows from the
/// property's nullability, whether it must be given from <c>required</c>, and its default from the initializer.
/// </summary>
/// <param name="help">One sentence for the API document.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldAttribute(string help) : Attribute
{
    private string _help = help;
    private string[]? _choices;
    private bool _internal;

    /// <summary>One sentence for the API document.</summary>
    public string Help => _help;

    /// <summary>The name on the wire where it isn't the property's name in snake_case.</summary>
    public string? Name { get; init; }

    /// <summary>The filters a list offers.</summary>
    public Lookups Filter { get; init; }

    /// <summary>Name of the filter parameter where it differs from the field's.</summary>
    public string? FilterName { get; init; }

    /// <summary>Shown, never accepted.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Accepted at creation only; a later change is refused.</summary>
    public bool Immutable { get; init; }

    /// <summary>Encrypted in the database and never shown; listed in <c>hidden_fields</c>.</summary>
    public bool Secret { get; init; }

    /// <summary>Accepted and never shown; how it is stored is up to the kind's own rules, such as hashing.</summary>
    public bool WriteOnly { get; init; }

    /// <summary>A column that is no part of the wire.</summary>
    public bool Internal
    {
        get => _internal;
        init => _internal = value;
    }

    /// <summary>Longest text, in characters; 0 is unlimited (bounded by the request size).</summary>
    public int MaxLength { get; init; }

    /// <summary>Smallest number; NaN is none.</summary>
    public double Minimum { get; init; } = double.NaN;

    /// <summary>Largest number; NaN is none.</summary>
    public double Maximum { get; init; } = double.NaN;

    /// <summary>The only texts that are accepted.</summary>
    public string[]? Choices
    {
        get => _choices;
        init => _choices = value;
    }

    /// <summary>No two resources of the kind may share the value.</summary>
    public bool Unique { get; init; }

    /// <summary>The property holds the id of such a resource; on the wire it is an href, and a PRN is accepted too.</summary>
    public Type? References { get; init; }

    /// <summary>The property holds JSON text; on the wire it is the value itself.</summary>
    public JsonShape Json { get; init; }

    /// <summary>Of an action's body: it comes as a file of a form, and the property gets the file's text.</summary>
    public bool IsFile { get; init; }

    /// <summary>Left out of the lists' <c>ordering</c> choices.</summary>
    public bool NotSortable { get; init; }

    /// <summary>Empty text is accepted.</summary>
    public bool AllowBlank { get; init; }

    /// <summary>The same but for what a kind says of it.</summary>
    internal FieldAttribute With(string? help, IReadOnlyList<string>? choices, bool hidden)
    {
        var copy = (FieldAttribute)MemberwiseClone();
        copy._help = help ?? _help;
        copy._choices = choices is null ? _choices : [.. choices];
        copy._internal = hidden || _internal;
        return copy;
    }
}

/// <summary>What a JSON field holds.</summary>
public enum JsonShape
{
    /// <summary>The field isn't JSON.</summary>
    None,

    /// <summary>Labels: an object of texts (or null), keys of letters, digits, <c>_</c>, space, <c>-</c> and <c>.</c>.</summary>
    Labels,

    /// <summary>A list of objects of texts.</summary>
    ListOfObjects,

    /// <summary>A list of texts.</summary>
    ListOfStrings,

    /// <summary>Anything.</summary>
    Any,

    /// <summary>An object of anything; a text that holds one is taken for it, which is all that forms can send.</summary>
    Object,
}

/// <summary>The properties that together identify a content unit: two units never agree in all of them.</summary>
/// <param name="properties">Names of the properties.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class UniqueAttribute(params string[] properties) : Attribute
{
    /// <summary>Names of the properties.</summary>
    public IReadOnlyList<string> Properties { get; } = properties;
}

/// <summary>
/// The properties that must be unique inside one repository version: a newcomer that agrees in all of them replaces what
/// was there (Pulp's <c>repo_key_fields</c>).
/// </summary>
/// <param name="properties">Names of the properties.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RepositoryKeyAttribute(params string[] properties) : Attribute
{
    /// <summary>Names of the properties.</summary>
    public IReadOnlyList<string> Properties { get; } = properties;
}
