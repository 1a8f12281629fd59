using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Publishing;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of publication.</summary>
internal sealed class PublicationKind<T>(PublicationDeclaration declaration, IServiceCollection services)
    : Kind<T, IPublicationKind<T>>,
        IPublicationKind<T>
    where T : Publication
{
    protected override IPublicationKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IPublicationKind<T> WrittenBy<TPublisher>(string taskName)
        where TPublisher : Publisher<T>
    {
        services.AddTransient<TPublisher>();
        declaration.Task = taskName;
        declaration.Write = (provider, publication, writer, cancellationToken) =>
            provider.GetRequiredService<TPublisher>().WriteAsync((T)publication, writer, cancellationToken);
        return this;
    }
}
