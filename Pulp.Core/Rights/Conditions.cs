using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>
/// The condition functions of Pulp's access policies. Most ask for a permission: at a level (everywhere, in the domain, on an object),
/// and on one of several objects (the path's, the one above it, one that the request names).
/// </summary>
internal sealed partial class Conditions(PermissionHolders holders, AskedObjects objects, PluginConditions plugins)
{
    private const string OnUpload = "has_required_repo_perms_on_upload";

    /// <summary>A condition by its text: <c>function</c> or <c>function:argument</c>.</summary>
    /// <exception cref="FormatException">There is no such function, or it can't take this argument.</exception>
    public Condition Find(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (function, argument) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        if (plugins.Find(function) is { } own)
        {
            return own(argument);
        }

        if (function == OnUpload)
        {
            return new Condition(
                ReadsBody: true,
                (asked, token) => MayUploadAsync(asked, Permissions(function, argument), token)
            );
        }

        var match = Shape().Match(function);
        if (!match.Success || Of(match.Groups["on"].Value) is not { } source)
        {
            throw new FormatException($"There is no condition '{function}'.");
        }

        return Asking(match.Groups["levels"].Value, source, Permissions(function, argument));
    }

    /// <summary>Whether a function asks for permissions on the object of the path, and nowhere else.</summary>
    public static bool AsksObjectAlone(string function) => function == "has_obj_perms";

    /// <summary>Whether a text has the form of a permission.</summary>
    public static bool IsPermission(string text) => PermissionShape().IsMatch(text);

    private static string[] Permissions(string function, string argument) =>
        argument.Split(',') is var permissions && permissions.All(IsPermission)
            ? permissions
            : throw new FormatException($"'{function}' needs a permission such as 'core.view_task'.");

    private (FindObject Find, bool ReadsBody, bool MayBeAbsent)? Of(string subject) =>
        subject switch
        {
            "" => ((asked, _) => ValueTask.FromResult(asked.Object ?? asked.Parent), false, false),
            "repository_" or "group_" => ((asked, _) => ValueTask.FromResult(asked.Parent), false, false),
            "repo_attr_" => (objects.RepositoryOfAsync, false, true),
            "remote_param_" => (objects.Named("remote"), true, true),
            "publication_param_" => (objects.Named("publication"), true, true),
            "upload_param_" => (objects.Named("upload"), true, true),
            "repo_or_repo_ver_param_" => (objects.Named("repository", "repository_version"), true, true),
            _ => null,
        };

    private Condition Asking(
        string levels,
        (FindObject Find, bool ReadsBody, bool MayBeAbsent) source,
        string[] permissions
    )
    {
        var (everywhere, inDomain, onObject) = (
            levels.Contains("model", StringComparison.Ordinal),
            levels.Contains("domain", StringComparison.Ordinal),
            levels.Contains("obj", StringComparison.Ordinal)
        );
        async ValueTask<bool> HoldsAsync(AskedRequest asked, CancellationToken token)
        {
            var found = onObject ? await source.Find(asked, token) : null;
            if (onObject && found is null && source.MayBeAbsent)
            {
                return true;
            }

            foreach (var permission in permissions)
            {
                if (
                    (everywhere && await holders.EverywhereAsync(asked.Caller, permission, token))
                    || (inDomain && await holders.InDomainAsync(asked.Caller, permission, asked.Reach.Domain, token))
                    || (found is { } on && await holders.OnAsync(asked.Caller, permission, on.Kind, on.Key, token))
                )
                {
                    return true;
                }
            }

            return false;
        }

        return new Condition(source.ReadsBody && onObject, HoldsAsync);
    }

    /// <summary>Who doesn't administrate uploads into a repository, and labels nothing without the right to.</summary>
    private async ValueTask<bool> MayUploadAsync(
        AskedRequest asked,
        string[] permissions,
        CancellationToken cancellationToken
    )
    {
        if (asked.Caller is { IsSuperuser: true })
        {
            return true;
        }

        if (await objects.Named("repository")(asked, cancellationToken) is not { } repository)
        {
            throw new FieldlessException("Destination upload repository was not provided.");
        }

        if (
            asked.Action == "create"
            && asked.Body?.TryGet("pulp_labels", out _) == true
            && !await HereAsync(asked, "core.manage_content_labels", on: null, cancellationToken)
        )
        {
            throw new FieldlessException(
                "pulp_labels cannot be specified by users who do not have the core.manage_labels permission."
            );
        }

        foreach (var permission in permissions)
        {
            if (!await HereAsync(asked, permission, repository, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a permission is held at any level.</summary>
    private async ValueTask<bool> HereAsync(
        AskedRequest asked,
        string permission,
        (ResourceKind Kind, ResourceKey Key)? on,
        CancellationToken cancellationToken
    ) =>
        await holders.EverywhereAsync(asked.Caller, permission, cancellationToken)
        || await holders.InDomainAsync(asked.Caller, permission, asked.Reach.Domain, cancellationToken)
        || (
            on is { } found && await holders.OnAsync(asked.Caller, permission, found.Kind, found.Key, cancellationToken)
        );

    [GeneratedRegex(
        "^has_(?<on>[a-z_]*?)(?<levels>model|domain|obj|model_or_domain|model_or_obj|model_or_domain_or_obj)_perms$"
    )]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[a-z0-9_]+\.[a-z0-9_]+$")]
    private static partial Regex PermissionShape();
}
