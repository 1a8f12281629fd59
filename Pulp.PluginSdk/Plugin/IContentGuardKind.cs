using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Serving;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of content guard. It is created, changed and deleted at once, without tasks.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IContentGuardKind<T> : IKind<T, IContentGuardKind<T>>
    where T : ContentGuard
{
    /// <summary>Who is asked. A kind without one lets nobody in.</summary>
    /// <typeparam name="TCheck">One instance serves all requests.</typeparam>
    IContentGuardKind<T> AskedBy<TCheck>()
        where TCheck : GuardCheck<T>;
}
