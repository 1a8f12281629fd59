using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Publishing;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Plugins;

/// <summary>Takes a plugin's declarations; what contradicts itself is refused here, with the plugin's name.</summary>
internal sealed class PluginBuilder(PluginIdentity identity, IServiceCollection services) : IPluginBuilder
{
    public PluginDeclarations Declarations { get; } = new(identity);

    public IServiceCollection Services { get; } = services;

    private string App => Declarations.Identity.AppLabel;

    public IContentKind<T> Content<T>(string typeName, string pathName)
        where T : Content
    {
        var declaration = new ContentDeclaration(App, typeof(T), typeName) { PathName = pathName };
        Declarations.Contents.Add(declaration);
        return new ContentKind<T>(declaration);
    }

    public void Remote<T>(string typeName)
        where T : Remote => Declarations.Remotes.Add(new KindDeclaration(App, typeof(T), typeName));

    public IRepositoryKind<T> Repository<T>(string typeName)
        where T : Repository
    {
        var declaration = new RepositoryDeclaration(App, typeof(T), typeName);
        Declarations.Repositories.Add(declaration);
        return new RepositoryKind<T>(declaration, Services);
    }

    public IPublicationKind<T> Publication<T>(string typeName)
        where T : Publication
    {
        var declaration = new PublicationDeclaration(App, typeof(T), typeName);
        Declarations.Publications.Add(declaration);
        return new PublicationKind<T>(declaration, Services);
    }

    public IDistributionKind<T> Distribution<T>(string typeName)
        where T : Distribution
    {
        var declaration = new DistributionDeclaration(App, typeof(T), typeName);
        Declarations.Distributions.Add(declaration);
        return new DistributionKind<T>(declaration, Services);
    }

    public void AlternateContentSource<T, TRepository>(string typeName)
        where T : AlternateContentSource
        where TRepository : Repository =>
        Declarations.AlternateSources.Add(
            new AlternateSourceDeclaration(App, typeof(T), typeName, typeof(TRepository))
        );

    public void Task<TTask>()
        where TTask : class => Declarations.Tasks.Add(typeof(TTask));

    public void Migrations(params IReadOnlyList<Migration> migrations) => Declarations.Migrations.AddRange(migrations);

    public void Settings<T>(Action<T, ValidationErrors>? validate = null)
        where T : class, new()
    {
        var value = new T();
        Declarations.Settings.Add(
            new SettingsDeclaration(typeof(T), value, validate is null ? null : (s, errors) => validate((T)s, errors))
        );
        Services.AddSingleton(value);
    }

    public void Routes(string mount, Action<IEndpointRouteBuilder> routes) =>
        Declarations.Routes.Add(new RoutesDeclaration(mount, routes));

    private sealed class ContentKind<T>(ContentDeclaration declaration) : IContentKind<T>
        where T : Content
    {
        public IContentKind<T> FromSingleArtifact(Func<T, Artifact, T> complete, Func<T, string> relativePath)
        {
            declaration.Complete = (content, artifact) => complete((T)content, artifact);
            declaration.RelativePath = content => relativePath((T)content);
            return this;
        }

        public IContentKind<T> Validate(Action<T, ValidationErrors> validate)
        {
            declaration.Validate = (content, errors) => validate((T)content, errors);
            return this;
        }
    }

    private sealed class RepositoryKind<T>(RepositoryDeclaration declaration, IServiceCollection services)
        : IRepositoryKind<T>
        where T : Repository
    {
        public IRepositoryKind<T> Holds<TContent>()
            where TContent : Content
        {
            declaration.Holds.Add(typeof(TContent));
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
            return this;
        }
    }

    private sealed class PublicationKind<T>(PublicationDeclaration declaration, IServiceCollection services)
        : IPublicationKind<T>
        where T : Publication
    {
        public IPublicationKind<T> WrittenBy<TPublisher>(string taskName)
            where TPublisher : class, IPublisher<T>
        {
            services.AddTransient<TPublisher>();
            declaration.Task = taskName;
            declaration.Write = (provider, publication, writer, cancellationToken) =>
                provider.GetRequiredService<TPublisher>().WriteAsync((T)publication, writer, cancellationToken);
            return this;
        }
    }

    private sealed class DistributionKind<T>(DistributionDeclaration declaration, IServiceCollection services)
        : IDistributionKind<T>
        where T : Distribution
    {
        public IDistributionKind<T> ServesPublications()
        {
            if (!typeof(PublishedDistribution).IsAssignableFrom(typeof(T)))
            {
                throw new InvalidOperationException(
                    $"{typeof(T).Name} must derive from PublishedDistribution to serve publications."
                );
            }

            declaration.ServesPublications = true;
            return this;
        }

        public IDistributionKind<T> AnsweredBy<THandler>()
            where THandler : class, IContentHandler
        {
            services.AddSingleton<THandler>();
            declaration.Handler = typeof(THandler);
            return this;
        }
    }
}

/// <summary>All plugins of the process.</summary>
internal sealed class PluginCatalog(IReadOnlyList<PluginDeclarations> plugins)
{
    public IReadOnlyList<PluginDeclarations> Plugins { get; } = plugins;

    public ContentDeclaration? Content(Type record) =>
        Plugins.SelectMany(p => p.Contents).FirstOrDefault(c => c.Record == record);

    public RepositoryDeclaration? Repository(Type record) =>
        Plugins.SelectMany(p => p.Repositories).FirstOrDefault(r => r.Record == record);

    public PublicationDeclaration? Publication(Type record) =>
        Plugins.SelectMany(p => p.Publications).FirstOrDefault(r => r.Record == record);

    public DistributionDeclaration? Distribution(string pulpType) =>
        Plugins.SelectMany(p => p.Distributions).FirstOrDefault(d => $"{d.App}.{d.TypeName}" == pulpType);
}
