using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;

namespace Pulp.TestPlugins.Wheels;

/// <summary>A project that a repository doesn't take.</summary>
[Unique(nameof(Repository), nameof(Project))]
public sealed record BlockedProject : PulpResource
{
    /// <summary>The repository.</summary>
    [Field("The repository that doesn't take it.", ReadOnly = true, References = typeof(WheelRepository))]
    public Guid Repository { get; init; }

    /// <summary>The project.</summary>
    [Field("The project's name.", Filter = Lookups.Text)]
    public required string Project { get; init; }

    /// <summary>Why.</summary>
    [Field("Why it isn't taken.")]
    public string? Reason { get; init; }
}

/// <summary>Some of the projects that aren't taken.</summary>
public sealed record BlockedOnes
{
    /// <summary>One of them.</summary>
    [Field("The first of them.", References = typeof(BlockedProject))]
    public required Guid First { get; init; }

    /// <summary>More.</summary>
    [Field("The others.", References = typeof(BlockedProject))]
    public IReadOnlyList<Guid> Others { get; init; } = [];

    /// <summary>Where they are looked for.</summary>
    [Field("A repository of any kind.", References = typeof(Repository))]
    public Guid? Repository { get; init; }
}
