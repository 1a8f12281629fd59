using Pulp.Core.Platform.Modules;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Signing;

namespace Pulp.Core.Plugins;

/// <summary>Takes a plugin's declarations; what contradicts itself is refused here, with the plugin's name.</summary>
internal sealed class PluginBuilder(PulpPlugin plugin, IServiceCollection services) : IPluginBuilder
{
    public PluginDeclarations Declarations { get; } = new(plugin);

    public IServiceCollection Services { get; } = services;

    private string App => Declarations.Identity.AppLabel;

    public IContentKind<T> Content<T>(string typeName, string pathName)
        where T : Content
    {
        var declaration = new ContentDeclaration(App, typeof(T), typeName) { PathName = pathName };
        Declarations.Contents.Add(declaration);
        return new ContentKind<T>(declaration);
    }

    public IRemoteKind<T> Remote<T>(string typeName, string? pathName = null)
        where T : Remote
    {
        var declaration = new RemoteDeclaration(App, typeof(T), typeName) { PathName = pathName ?? typeName };
        Declarations.Remotes.Add(declaration);
        return new RemoteKind<T>(declaration);
    }

    public IRepositoryKind<T> Repository<T>(string typeName, string? pathName = null)
        where T : Repository
    {
        var declaration = new RepositoryDeclaration(App, typeof(T), typeName) { PathName = pathName ?? typeName };
        Declarations.Repositories.Add(declaration);
        return new RepositoryKind<T>(declaration, Services);
    }

    public IPublicationKind<T> Publication<T>(string typeName, string? pathName = null)
        where T : Publication
    {
        var declaration = new PublicationDeclaration(App, typeof(T), typeName) { PathName = pathName ?? typeName };
        Declarations.Publications.Add(declaration);
        return new PublicationKind<T>(declaration, Services);
    }

    public IDistributionKind<T> Distribution<T>(string typeName, string? pathName = null)
        where T : Distribution
    {
        var declaration = new DistributionDeclaration(App, typeof(T), typeName) { PathName = pathName ?? typeName };
        Declarations.Distributions.Add(declaration);
        return new DistributionKind<T>(declaration, Services);
    }

    public IContentGuardKind<T> ContentGuard<T>(string typeName, string? pathName = null)
        where T : ContentGuard
    {
        var declaration = new GuardDeclaration(App, typeof(T), typeName) { PathName = pathName ?? typeName };
        Declarations.ContentGuards.Add(declaration);
        return new ContentGuardKind<T>(declaration, Services);
    }

    public IAlternateContentSourceKind<T> AlternateContentSource<T, TRepository>(string typeName)
        where T : AlternateContentSource
        where TRepository : Repository
    {
        var declaration = new AlternateSourceDeclaration(App, typeof(T), typeName, typeof(TRepository));
        Declarations.AlternateSources.Add(declaration);
        return new AlternateContentSourceKind<T>(declaration);
    }

    public IResourceKind<T> Resource<T>(string typeName, string path)
        where T : PulpResource
    {
        if (typeof(MasterResource).IsAssignableFrom(typeof(T)))
        {
            throw new InvalidOperationException(
                $"{typeof(T).Name} is of a family of resources, which has a call of its own."
            );
        }

        var declaration = new OwnKindDeclaration(App, typeof(T), typeName) { PathName = path };
        Declarations.OwnKinds.Add(declaration);
        return new OwnKind<T>(declaration);
    }

    public void Role(Role role) => Declarations.OwnRoles.Add(role);

    public void Condition(
        string name,
        Func<AccessQuestion, CancellationToken, ValueTask<bool>> holds,
        bool readsRequest = false
    ) => Declarations.Conditions.Add(new ConditionDeclaration(name, holds, readsRequest));

    public void Policy(string name, AccessPolicy policy) => Declarations.Policies.Add(new NamedPolicy(name, policy));

    public void Task<TTask>()
        where TTask : class => Declarations.Tasks.Add(typeof(TTask));

    public void Migrations(params IReadOnlyList<Migration> migrations) => Declarations.Migrations.AddRange(migrations);

    public void SigningClass(SigningClass signing) => Declarations.SigningClasses.Add(signing);

    public void Settings<T>(Action<T, ValidationErrors>? validate = null)
        where T : class, new() => Settings(App.ToUpperInvariant() + "_", validate);

    public void Settings<T>(string prefix, Action<T, ValidationErrors>? validate = null)
        where T : class, new()
    {
        var value = new T();
        Declarations.Settings.Add(
            new SettingsDeclaration(
                prefix,
                typeof(T),
                value,
                validate is null ? null : (s, errors) => validate((T)s, errors)
            )
        );
        Services.AddSingleton(value);
    }

    public T SettingsOf<T>()
        where T : class, new() =>
        Declarations.Settings.Select(s => s.Value).OfType<T>().FirstOrDefault()
        ?? throw new InvalidOperationException($"The plugin hasn't declared settings {typeof(T).Name}.");

    public void Routes(string mount, MountOptions options, Action<IEndpointRouteBuilder> routes) =>
        Routes(() => mount, options, routes);

    public void Routes(Func<string> mount, MountOptions options, Action<IEndpointRouteBuilder> routes) =>
        Declarations.Routes.Add(new RoutesDeclaration(mount, options, routes));
}
