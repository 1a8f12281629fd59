using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Publishing;

namespace Pulp.PluginSdk.Plugin;

/// <summary>More about a kind of publication.</summary>
/// <typeparam name="T">Its record.</typeparam>
public interface IPublicationKind<T> : IKind<T, IPublicationKind<T>>
    where T : Publication
{
    /// <summary>Who writes it.</summary>
    /// <typeparam name="TPublisher">The publisher.</typeparam>
    /// <param name="taskName">The task's name on the wire.</param>
    IPublicationKind<T> WrittenBy<TPublisher>(string taskName)
        where TPublisher : Publisher<T>;
}
