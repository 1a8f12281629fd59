using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>Puts the actions that plugins declare into the API.</summary>
internal interface IKindActions
{
    void Map(ResourceKind kind, IReadOnlyList<ActionDeclaration> actions);
}
