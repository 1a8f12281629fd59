using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Plugins;

/// <summary>Takes what a plugin says of a kind of repository.</summary>
internal sealed class RepositoryKind<T>(RepositoryDeclaration declaration, IServiceCollection services)
    : Kind<T, IRepositoryKind<T>>,
        IRepositoryKind<T>
    where T : Repository
{
    protected override IRepositoryKind<T> Self => this;

    protected override KindDeclaration Declared => declaration;

    public IRepositoryKind<T> Holds<TContent>()
        where TContent : Content
    {
        declaration.Holds.Add(typeof(TContent));
        return this;
    }

    public IRepositoryKind<T> BeforeVersion(Func<IVersionDraft, CancellationToken, Task> complete)
    {
        declaration.BeforeVersion = complete;
        return this;
    }

    public IRepositoryKind<T> SyncsWith<TPlan>(string taskName)
        where TPlan : class
    {
        if (!typeof(ISyncPlan).IsAssignableFrom(typeof(TPlan)))
        {
            throw new InvalidOperationException($"{typeof(TPlan).Name} is no SyncPlan.");
        }

        services.AddTransient<TPlan>();
        declaration.SyncPlan = typeof(TPlan);
        declaration.SyncTask = taskName;
        return this;
    }

    public IRepositoryKind<T> Autopublishes<TPublication>(Func<T, TPublication?> wanted)
        where TPublication : Publication
    {
        declaration.Autopublish = repository => wanted((T)repository);
        declaration.Publication = typeof(TPublication);
        return this;
    }
}
