namespace Pulp.PluginSdk.Plugin;

/// <summary>How a kind's field differs from its declaration. What is null stays as it is.</summary>
public sealed record FieldChange
{
    /// <summary>The value where none is given, in the property's type.</summary>
    public object? Default { get; init; }

    /// <summary>The only texts that are accepted.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>One sentence for the API document.</summary>
    public string? Help { get; init; }

    /// <summary>Neither accepted nor shown; the default is what is stored.</summary>
    public bool Hidden { get; init; }

    /// <summary>Whether it must be given.</summary>
    public bool? Required { get; init; }
}
