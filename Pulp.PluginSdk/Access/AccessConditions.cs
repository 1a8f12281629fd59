namespace Pulp.PluginSdk.Access;

/// <summary>The conditions of Pulp's access policies that kinds mostly need, each on a permission in full: <c>file.view_filerepository</c>.</summary>
public static class AccessConditions
{
    /// <summary>The caller holds it for all resources, or for those of the domain.</summary>
    /// <param name="permission">The permission.</param>
    public static string Anywhere(string permission) => $"has_model_or_domain_perms:{permission}";

    /// <summary>The caller holds it on the resource, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string Here(string permission) => $"has_model_or_domain_or_obj_perms:{permission}";

    /// <summary>The caller holds it on the repository that the resource belongs to, such as a version, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string OnItsRepository(string permission) =>
        $"has_repository_model_or_domain_or_obj_perms:{permission}";

    /// <summary>Where the request names a remote, the caller holds it there, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string OnNamedRemote(string permission) =>
        $"has_remote_param_model_or_domain_or_obj_perms:{permission}";

    /// <summary>Where the request names a repository or a version, the caller holds it on the repository, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string OnNamedRepository(string permission) =>
        $"has_repo_or_repo_ver_param_model_or_domain_or_obj_perms:{permission}";

    /// <summary>Where the request names a publication, the caller holds it there, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string OnNamedPublication(string permission) =>
        $"has_publication_param_model_or_domain_or_obj_perms:{permission}";

    /// <summary>The upload names a repository, and the caller holds it there, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string OnRepositoryOfUpload(string permission) => $"has_required_repo_perms_on_upload:{permission}";

    /// <summary>Where the request names an upload in chunks, the caller holds it there, or anywhere.</summary>
    /// <param name="permission">The permission.</param>
    public static string OnNamedUpload(string permission) =>
        $"has_upload_param_model_or_domain_or_obj_perms:{permission}";
}
