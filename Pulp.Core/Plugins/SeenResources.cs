using System.Diagnostics.CodeAnalysis;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>What a plugin's kinds make their condition of.</summary>
internal sealed class SeenResources(IScope scope) : ISeenResources
{
    public Caller Caller => scope.Caller;

    public SqlText Holds<T>(string permission, [ConstantExpected] string column)
        where T : PulpResource => scope.Held(scope.For(typeof(T)), Sql.Name(column), permission) ?? $"1 = 1";
}
