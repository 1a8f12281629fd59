using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Plugin;

namespace Pulp.TestPlugins.Images;

/// <summary>Who may do what with images.</summary>
internal static class ImageAccess
{
    /// <summary>Everybody signed in knows which namespaces there are; whose it is may fill it.</summary>
    public static AccessPolicy Namespaces { get; } =
        new()
        {
            IsScoped = false,
            Statements =
            [
                new AccessStatement { Actions = ["list", "retrieve"] },
                new AccessStatement
                {
                    Actions = ["create"],
                    Conditions = ["has_model_or_domain_perms:images.add_imagenamespace"],
                },
                new AccessStatement { Actions = ["create"], Expressions = ["image_namespace_is_username"] },
            ],
            CreatorRoles = ["images.imagenamespace_owner"],
        };

    /// <summary>Pulling and pushing are asked about by the registry.</summary>
    public static AccessPolicy Distributions { get; } =
        new()
        {
            OtherActions = ["pull", "push"],
            Statements =
            [
                new AccessStatement { Actions = ["list", "catalog"] },
                new AccessStatement
                {
                    Actions = ["pull"],
                    Principals = ["*"],
                    Expressions = ["not image_has_namespace"],
                },
                new AccessStatement
                {
                    Actions = ["push"],
                    Conditions =
                    [
                        "has_model_or_domain_or_obj_perms:images.push_imagedistribution",
                        "has_repo_attr_model_or_obj_perms:file.view_filerepository",
                    ],
                },
            ],
        };

    /// <summary>Nobody but who may view the repository sees a version.</summary>
    public static AccessPolicy Versions { get; } =
        new()
        {
            Statements =
            [
                new AccessStatement
                {
                    Actions = ["destroy"],
                    Conditions =
                    [
                        "has_repository_model_or_domain_or_obj_perms:images.delete_imagerepository_versions",
                        "has_repository_model_or_domain_or_obj_perms:images.view_imagerepository",
                    ],
                },
            ],
        };

    public static void Conditions(IPluginBuilder plugin)
    {
        plugin.Condition(
            "image_namespace_is_username",
            (asked, _) => ValueTask.FromResult(asked.Caller is { } caller && asked.Member("name") == caller.Username),
            readsRequest: true
        );
        plugin.Condition(
            "image_has_namespace",
            async (asked, token) =>
                asked.Resource is { } id
                && await asked.Db.FirstOrDefaultAsync<long>(
                    $"select 1 from images_imagedistribution where pulp_id = {id} and namespace_id is not null",
                    token
                ) == 1
        );
    }

    public static void Roles(IPluginBuilder plugin)
    {
        plugin.Role(
            new Role
            {
                Name = "images.imagenamespace_owner",
                Permissions =
                [
                    "images.view_imagenamespace",
                    "images.delete_imagenamespace",
                    "images.manage_roles_imagenamespace",
                ],
            }
        );
        plugin.Role(
            new Role
            {
                Name = "images.imagedistribution_collaborator",
                Description = "Pulls and pushes.",
                Permissions =
                [
                    "images.view_imagedistribution",
                    "images.pull_imagedistribution",
                    "images.push_imagedistribution",
                    "core.manage_content_labels",
                ],
            }
        );
    }
}
