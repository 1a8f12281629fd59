using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Plugin;
using PulpPython.Distributions;
using PulpPython.Repositories;

namespace PulpPython.Index;

/// <summary>
/// Who may read the pages of an index and upload to it: its access policies, named as pulp_python's are after the part of the index
/// (<c>pypi/simple</c>), and their conditions.
/// </summary>
internal static class IndexRights
{
    public static void AddIndexRights(this IPluginBuilder plugin)
    {
        foreach (var (name, policy) in PythonRights.Indexes)
        {
            plugin.Policy(name, policy);
        }

        plugin.Condition("index_has_perm", OnIndexAsync);
        plugin.Condition("index_has_repo_perm", OnRepositoryAsync);
    }

    /// <summary>Whether the request may read what is at a path of the index; otherwise it is answered.</summary>
    /// <exception cref="ForbiddenException">Who asks may not.</exception>
    public static ValueTask<bool> MayReadAsync(HttpContext context, PythonDistribution index, string path)
    {
        var (policy, action) = path.Split('/', 2) switch
        {
            ["simple", { Length: > 0 }] => ("pypi/simple", "retrieve"),
            ["simple", ..] => ("pypi/simple", "list"),
            ["pypi", ..] => ("pypi/pypi", "retrieve"),
            ["integrity", ..] => ("pypi/integrity", "retrieve"),
            _ => ("pypi/root", "retrieve"),
        };
        return MayAsync(context, index, policy, action, isSafe: true);
    }

    /// <summary>Whether the request may upload to the index; otherwise it is answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="index">The index.</param>
    /// <param name="part">The part of the index that takes it: <c>simple</c> or <c>legacy</c>.</param>
    /// <exception cref="ForbiddenException">Who asks may not.</exception>
    public static ValueTask<bool> MayUploadAsync(HttpContext context, PythonDistribution index, string part) =>
        MayAsync(context, index, $"pypi/{part}", "create", isSafe: false);

    private static async ValueTask<bool> MayAsync(
        HttpContext context,
        PythonDistribution index,
        string policy,
        string action,
        bool isSafe
    )
    {
        var access = context.RequestServices.GetRequiredService<IAccess>();
        if (await access.MayAsync(access.Current, policy, action, index, isSafe, context.RequestAborted))
        {
            return true;
        }

        if (access.Current is not null)
        {
            throw new ForbiddenException();
        }

        // Installers and uploaders send credentials when they are asked for them.
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"api\"";
        await Results
            .Json(
                new { detail = "Authentication credentials were not provided." },
                statusCode: StatusCodes.Status401Unauthorized
            )
            .ExecuteAsync(context);
        return false;
    }

    /// <summary>The permission is held on the index, or anywhere.</summary>
    private static async ValueTask<bool> OnIndexAsync(AccessQuestion asked, CancellationToken cancellationToken)
    {
        var permission = PermissionOr(asked, "python.view_pythondistribution");
        return await asked.HoldsAsync(permission, cancellationToken)
            || (
                asked.Resource is { } index
                && await asked.HoldsOnAsync<PythonDistribution>(permission, index, cancellationToken)
            );
    }

    /// <summary>The permission is held on the repository of the index, or anywhere. An index without one keeps nobody away.</summary>
    private static async ValueTask<bool> OnRepositoryAsync(AccessQuestion asked, CancellationToken cancellationToken)
    {
        var permission = PermissionOr(asked, "python.view_pythonrepository");
        return await RepositoryAsync(asked, cancellationToken) is not { } repository
            || await asked.HoldsAsync(permission, cancellationToken)
            || await asked.HoldsOnAsync<PythonRepository>(permission, repository, cancellationToken);
    }

    private static async ValueTask<Guid?> RepositoryAsync(AccessQuestion asked, CancellationToken cancellationToken) =>
        asked.AtHand<PythonDistribution>() is { } index ? index.Repository
        : asked.Resource is { } id
            ? await asked.Db.FirstOrDefaultAsync<Guid?>(
                $"select repository_id from core_distribution where pulp_id = {id}",
                cancellationToken
            )
        : null;

    private static string PermissionOr(AccessQuestion asked, string usual) =>
        asked.Argument.Length > 0 ? asked.Argument : usual;
}
