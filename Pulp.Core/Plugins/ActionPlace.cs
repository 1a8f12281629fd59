using Pulp.Core.Platform.Http;

namespace Pulp.Core.Plugins;

/// <summary>Where an action is found, and whose policy it is under.</summary>
internal sealed record ActionPlace(
    string Stem,
    string Route,
    string Path,
    string Tag,
    string Policy,
    Target Target,
    IReadOnlyList<OperationParameter> Parameters
);
