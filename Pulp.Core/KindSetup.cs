using Pulp.Core.AlternateSources;
using Pulp.Core.Artifacts;
using Pulp.Core.Contents;
using Pulp.Core.Distributions;
using Pulp.Core.Maintenance;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.Core.Publications;
using Pulp.Core.Remotes;
using Pulp.Core.Repositories;
using Pulp.Core.Status;
using Pulp.Core.Tasks;
using Pulp.Core.Uploads;
using Pulp.Core.Users;

namespace Pulp.Core;

/// <summary>
/// Declares all kinds of resources, in two steps: first all are known, then each is completed, because generic lists and
/// references need to know the others.
/// </summary>
internal sealed class KindSetup(
    ResourceRegistry registry,
    KindBehaviors behaviors,
    ResourceStore store,
    PluginCatalog catalog,
    Versions versions,
    Database database,
    PulpSettings settings
)
{
    private readonly Dictionary<KindDeclaration, ResourceKind> _declared = [];
    private bool _done;

    /// <summary>Makes the kinds; needed by every role, because tasks and content use them too.</summary>
    public void Declare()
    {
        if (_done)
        {
            return;
        }

        _done = true;
        foreach (var plugin in catalog.Plugins)
        {
            plugin.Contents.ForEach(d => _declared[d] = ResourceFamily.Content.Register(d, registry, d.PathName));
            plugin.Remotes.ForEach(d => _declared[d] = ResourceFamily.Remotes.Register(d, registry));
            plugin.Repositories.ForEach(d => _declared[d] = ResourceFamily.Repositories.Register(d, registry));
            plugin.Publications.ForEach(d => _declared[d] = ResourceFamily.Publications.Register(d, registry));
            plugin.Distributions.ForEach(d => _declared[d] = ResourceFamily.Distributions.Register(d, registry));
            plugin.AlternateSources.ForEach(d => _declared[d] = ResourceFamily.AlternateSources.Register(d, registry));
        }

        ContentKinds.Complete(
            ResourceFamily.Content.RegisterGeneric(registry),
            declaration: null,
            registry,
            database.IsPostgres
        );
        RemoteKinds.Complete(ResourceFamily.Remotes.RegisterGeneric(registry), registry);
        RepositoryKinds.Complete(ResourceFamily.Repositories.RegisterGeneric(registry), registry);
        PublicationKinds.Complete(ResourceFamily.Publications.RegisterGeneric(registry), registry, database.IsPostgres);
        DistributionKinds.Complete(ResourceFamily.Distributions.RegisterGeneric(registry), registry, settings);
        DistributionKinds.Complete(DistributionKinds.RegisterArtifacts(registry), registry, settings);
        // There are no kinds of guards yet: a distribution that names one lets nobody in.
        KindCompletion.Complete(ResourceFamily.Guards.RegisterGeneric(registry), registry);
        VersionKinds.Complete(VersionKinds.Register(registry), registry, database.IsPostgres);
        ArtifactApi.Complete(ArtifactApi.Register(registry), registry);
        UploadKinds.Complete(UploadKinds.Register(registry), registry, database.IsPostgres);
        UserApi.Complete(UserApi.Register(registry), registry);
        TaskKinds.CompleteTasks(TaskKinds.RegisterTasks(registry), registry, database.IsPostgres);
        TaskKinds.CompleteGroups(TaskKinds.RegisterGroups(registry), registry, database.IsPostgres);
        TaskKinds.CompleteWorkers(TaskKinds.RegisterWorkers(registry), registry, settings);
        foreach (var (declaration, kind) in _declared)
        {
            Complete(declaration, kind);
        }
    }

    private void Complete(KindDeclaration declaration, ResourceKind kind)
    {
        switch (kind.MasterTable)
        {
            case "core_content":
                ContentKinds.Complete(kind, (ContentDeclaration)declaration, registry, database.IsPostgres);
                behaviors.Add(kind, ContentTask.Behavior());
                break;
            case "core_remote":
                RemoteKinds.Complete(kind, registry);
                behaviors.Add(kind, RemoteKinds.Behavior(settings));
                break;
            case "core_repository":
                RepositoryKinds.Complete(kind, registry);
                behaviors.Add(
                    kind,
                    new KindBehavior
                    {
                        AffectsServing = true,
                        Written = async (tx, id, input, cancellationToken) =>
                        {
                            if (input.Id is null)
                            {
                                await versions.CreateFirstAsync(tx, id, cancellationToken);
                            }
                            else
                            {
                                await new VersionRetention().ApplyAsync(tx, id, cancellationToken);
                            }
                        },
                    }
                );
                break;
            case "core_publication":
                PublicationKinds.Complete(kind, registry, database.IsPostgres);
                behaviors.Add(kind, new KindBehavior { AffectsServing = true });
                break;
            case "core_distribution":
                DistributionKinds.Complete(kind, registry, settings);
                behaviors.Add(
                    kind,
                    DistributionKinds.Behavior(declaration is DistributionDeclaration { ServesPublications: true })
                );
                break;
            default:
                AlternateSourceKinds.Complete(kind, registry, database.IsPostgres);
                behaviors.Add(kind, AlternateSourceKinds.Behavior(store));
                break;
        }
    }

    /// <summary>Puts the kinds' operations into the API.</summary>
    public void MapApi(IServiceProvider services)
    {
        var api = services.GetRequiredService<ResourceApi>();
        foreach (var kind in registry.All.Where(k => k.IsGeneric))
        {
            api.Map(kind, Verbs.List);
        }

        DescribeShared(services.GetRequiredService<ApiOperations>());
        foreach (var (declaration, kind) in _declared)
        {
            Map(declaration, kind, api, services);
        }

        api.Map(registry.For<ArtifactDistribution>(), Verbs.List | Verbs.Read);
        api.Map(registry.For<RepositoryVersionRecord>(), Verbs.List);
        api.Map(registry.For<Artifact>(), Verbs.List | Verbs.Read);
        services.GetRequiredService<ArtifactApi>().Map(registry.For<Artifact>());
        api.Map(registry.For<Upload>(), Verbs.List | Verbs.Read | Verbs.Create);
        services.GetRequiredService<UploadApi>().Map(registry.For<Upload>());
        api.Map(registry.For<TaskRecord>(), Verbs.List | Verbs.Read);
        api.Map(registry.For<TaskGroupRecord>(), Verbs.List | Verbs.Read);
        services.GetRequiredService<TaskApi>().Map(registry.For<TaskRecord>(), registry.For<TaskGroupRecord>());
        api.Map(registry.For<WorkerRecord>(), Verbs.List | Verbs.Read);
        api.Map(registry.For<User>(), Verbs.List | Verbs.Read);
        services.GetRequiredService<UserApi>().Map(registry.For<User>());
        services.GetRequiredService<DocumentApi>().Map();
        services.GetRequiredService<StatusApi>().Map();
        services.GetRequiredService<RepairApi>().Map();
        services.GetRequiredService<OrphanApi>().Map();
        services.GetRequiredService<ReclaimApi>().Map();
    }

    private static void Map(KindDeclaration declaration, ResourceKind kind, ResourceApi api, IServiceProvider services)
    {
        const Verbs Changeable = Verbs.List | Verbs.Read | Verbs.Update | Verbs.DeleteTask;
        switch (declaration)
        {
            case ContentDeclaration content:
                api.Map(kind, Verbs.List | Verbs.Read | Verbs.Labels);
                if (content.IsSingleArtifact)
                {
                    services.GetRequiredService<ContentUploadApi>().Map(kind, content);
                }

                break;
            case RepositoryDeclaration repository:
                api.Map(kind, Changeable | Verbs.Create | Verbs.Labels);
                services.GetRequiredService<RepositoryApi>().Map(kind, repository);
                services.GetRequiredService<VersionApi>().Map(kind);
                break;
            case PublicationDeclaration publication:
                api.Map(kind, Verbs.List | Verbs.Read | Verbs.Delete);
                services
                    .GetRequiredService<ApiOperations>()
                    .Schema(kind.SchemaName, ResourceSchemas.Request(kind, partial: false));
                services.GetRequiredService<PublicationApi>().Map(kind, publication);
                break;
            case DistributionDeclaration:
                api.Map(kind, Changeable | Verbs.CreateTask | Verbs.Labels);
                break;
            case AlternateSourceDeclaration source:
                api.Map(kind, Changeable | Verbs.Create);
                services.GetRequiredService<AlternateSourceApi>().Map(kind, source);
                break;
            default:
                api.Map(kind, Changeable | Verbs.Create | Verbs.Labels);
                break;
        }
    }

    private static void DescribeShared(ApiOperations operations)
    {
        operations.Schema("AsyncOperationResponse", Schemas.Of([("task", Schemas.Uri())], "task"));
        operations.Schema("TaskGroupOperationResponse", Schemas.Of([("task_group", Schemas.Uri())], "task_group"));
    }
}
