using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of distribution.</summary>
internal sealed class DistributionKind<T>(DistributionDeclaration declaration, IServiceCollection services)
    : Kind<T, IDistributionKind<T>>,
        IDistributionKind<T>
    where T : Distribution
{
    protected override IDistributionKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IDistributionKind<T> Serves(Served served)
    {
        declaration.Serves = served;
        if (declaration.ServesPublications && !typeof(PublishedDistribution).IsAssignableFrom(typeof(T)))
        {
            throw new InvalidOperationException(
                $"{typeof(T).Name} must derive from PublishedDistribution to serve publications."
            );
        }

        return this;
    }

    public IDistributionKind<T> AnsweredBy<THandler>()
        where THandler : ContentHandler
    {
        services.AddScoped<THandler>();
        declaration.Handler = typeof(THandler);
        return this;
    }

    public IDistributionKind<T> Above<TOther>()
        where TOther : Distribution
    {
        declaration.Above.Add(typeof(TOther));
        return this;
    }

    public IDistributionKind<T> BaseUrl(Func<T, ServerAddress, string> url, string member = "base_url")
    {
        declaration.BaseUrlMember = member;
        declaration.BaseUrl = (distribution, server) => url((T)distribution, server);
        return this;
    }
}
