using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin, or the server itself, says of a kind of content guard.</summary>
internal sealed class ContentGuardKind<T>(GuardDeclaration declaration, IServiceCollection services)
    : Kind<T, IContentGuardKind<T>>,
        IContentGuardKind<T>
    where T : ContentGuard
{
    protected override IContentGuardKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IContentGuardKind<T> AskedBy<TCheck>()
        where TCheck : GuardCheck<T>
    {
        services.AddSingleton<TCheck>();
        declaration.Check = provider =>
        {
            var check = provider.GetRequiredService<TCheck>();
            return (guard, request, cancellationToken) => check.AskAsync((T)guard, request, cancellationToken);
        };
        return this;
    }
}
