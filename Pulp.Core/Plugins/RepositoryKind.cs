using Pulp.PluginSdk.Actions;
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

    public IRepositoryKind<T> VersionAccess(AccessPolicy policy)
    {
        declaration.VersionPolicy = policy;
        return this;
    }

    public IRepositoryKind<T> VersionAction<TBody>(
        string verb,
        string permission,
        Func<VersionActionRequest<T, TBody>, CancellationToken, Task<ActionAnswer>> run,
        ActionOptions? options = null
    )
        where TBody : class
    {
        declaration.Actions.Add(
            ActionDeclaration.Of<TBody>(ActionTarget.Version, verb, permission, options) with
            {
                Run = (call, cancellationToken) =>
                    run(
                        new VersionActionRequest<T, TBody>
                        {
                            Resource = (T)(call.Resource ?? throw new InvalidOperationException("It has no resource.")),
                            Version = call.Version ?? throw new InvalidOperationException("It has no version."),
                            Body = (TBody)call.Body,
                            Caller = call.Caller,
                            Tasks = call.Tasks,
                            Db = call.Db,
                            Services = call.Services,
                            Host = call.Host,
                        },
                        cancellationToken
                    ),
            }
        );
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
