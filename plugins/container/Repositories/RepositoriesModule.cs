using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using PulpContainer.Builds;
using PulpContainer.Images;
using PulpContainer.Signatures;
using PulpContainer.Sync;

namespace PulpContainer.Repositories;

/// <summary>Both kinds of repositories, and what can be done with them.</summary>
internal static class RepositoriesModule
{
    private const string ModifyContent = "container.modify_content_containerrepository";
    private const string BuildImage = "container.build_image_containerrepository";
    private const string ModifyPushed = "container.modify_content_containerpushrepository";

    public static void AddRepositories(this IPluginBuilder plugin)
    {
        plugin.Services.AddScoped<RepositoryChanges>().AddScoped<ImageRepositories>().AddScoped<BuiltImages>();
        plugin.Task<TagTask>();
        plugin.Task<UntagTask>();
        plugin.Task<RecursiveAddTask>();
        plugin.Task<RecursiveRemoveTask>();
        plugin.Task<SignTask>();
        plugin.Task<BuildTask>();
        plugin.SigningClass(SigningOrders.Class);
        plugin
            .Repository<ContainerRepository>("container")
            .Holding()
            .AddSync()
            .Without(Operations.Modify)
            .Permissions(ModifyContent, BuildImage, "container.delete_containerrepository_versions")
            .Action<TagImage>("tag", ModifyContent, ContentActions.TagAsync)
            .Action<UnTagImage>("untag", ModifyContent, ContentActions.UntagAsync)
            .Action<RecursiveManage>("add", ModifyContent, ContentActions.AddAsync)
            .Action<RecursiveManage>("remove", ModifyContent, ContentActions.RemoveAsync)
            .Action<TagCopy>("copy_tags", ModifyContent, ContentActions.CopyTagsAsync)
            .Action<ManifestCopy>("copy_manifests", ModifyContent, ContentActions.CopyManifestsAsync)
            .Action<RepositorySign>("sign", ModifyContent, SignatureActions.SignAsync)
            .Action<OCIBuildImage>("build_image", BuildImage, BuildAction.StartAsync)
            .Validate(SignatureActions.CheckAsync)
            .Access(ContainerRights.Repositories)
            .VersionAccess(ContainerRights.Versions);
        plugin
            .Repository<ContainerPushRepository>("container-push")
            .Holding()
            .Without(Operations.Create | Operations.Delete | Operations.Modify)
            .Field(nameof(Repository.Remote), new FieldChange { Hidden = true })
            .Permissions(ModifyPushed)
            .Action<TagImage>("tag", ModifyPushed, ContentActions.TagAsync)
            .Action<UnTagImage>("untag", ModifyPushed, ContentActions.UntagAsync)
            .Action<RemoveImage>("remove_image", ModifyPushed, ContentActions.RemoveImageAsync)
            .Action<RepositorySign>("sign", ModifyPushed, SignatureActions.SignAsync)
            .Action<RemoveSignatures>(
                "remove_signatures",
                ModifyPushed,
                SignatureActions.RemoveAsync,
                new ActionOptions { Answers = ActionAnswers.Body<RemovedSignatures>(202) }
            )
            .Validate(SignatureActions.CheckAsync)
            .Access(ContainerRights.PushRepositories)
            .Scope(ContainerConditions.SeenPushRepositories)
            .VersionAccess(ContainerRights.PushVersions);
    }

    private static IRepositoryKind<T> Holding<T>(this IRepositoryKind<T> repository)
        where T : Repository => repository.Holds<Blob>().Holds<Manifest>().Holds<Tag>().Holds<ManifestSignature>();
}
