using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Rights;

/// <summary>
/// The condition functions of Pulp's access policies. Most ask for a permission: at a level (everywhere, in the domain, on an object),
/// and on one of several objects (the path's, the one above it, one that the request names).
/// </summary>
internal sealed partial class Conditions(
    PermissionHolders holders,
    References references,
    ResourceRegistry registry,
    Database database,
    PluginConditions plugins
)
{
    private const string OnUpload = "has_required_repo_perms_on_upload";

    /// <summary>Where a condition's object comes from; null where there is none to ask about.</summary>
    private delegate ValueTask<(ResourceKind Kind, ResourceKey Key)?> FindObject(
        AskedRequest asked,
        CancellationToken cancellationToken
    );

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
            "repo_attr_" => (RepositoryOfAsync, false, true),
            "remote_param_" => (Named("remote"), true, true),
            "publication_param_" => (Named("publication"), true, true),
            "upload_param_" => (Named("upload"), true, true),
            "repo_or_repo_ver_param_" => (Named("repository", "repository_version"), true, true),
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

    /// <summary>The object that a member of the request names: the first member that is there.</summary>
    private FindObject Named(params IReadOnlyList<string> members) =>
        async (asked, cancellationToken) =>
        {
            foreach (var member in members)
            {
                if (asked.Body?.TryGet(member, out var given) == true && !given.IsNull && given.AsText() is not "")
                {
                    return await ReadAsync(member, given, asked.Reach, cancellationToken);
                }
            }

            return null;
        };

    /// <exception cref="ValidationException">It names nothing.</exception>
    private async ValueTask<(ResourceKind Kind, ResourceKey Key)?> ReadAsync(
        string member,
        BodyValue given,
        Reach reach,
        CancellationToken cancellationToken
    )
    {
        if (given.AsText() is not { } text)
        {
            throw new ValidationException(member, $"Incorrect type. Expected URL string, received {given.TypeName}.");
        }

        if (references.Parse(text) is { } target)
        {
            return (target.Kind, target.Id);
        }

        // A version's PRN doesn't say its repository.
        if (references.VersionSource(text, reach) is { } version)
        {
            var repository = await database.FirstOrDefaultAsync<OwnerRow>(
                $"""
                select r.pulp_id, r.pulp_type from core_repository r
                 where r.pulp_id = (select v.repository_id from {version})
                """,
                cancellationToken
            );
            return repository is null
                ? throw new ValidationException(member, "Invalid hyperlink - Object does not exist.")
                : (registry.ForType("core_repository", repository.PulpType), repository.PulpId);
        }

        throw new ValidationException(member, "Invalid hyperlink - No URL match.");
    }

    /// <summary>The repository that the path's object belongs to.</summary>
    private async ValueTask<(ResourceKind Kind, ResourceKey Key)?> RepositoryOfAsync(
        AskedRequest asked,
        CancellationToken cancellationToken
    )
    {
        if (
            asked.Object is not { } on
            || on.Kind.Fields.FirstOrDefault(f =>
                f.Attribute.References is { } to && to.IsAssignableTo(typeof(Repository))
            )
                is not { } field
        )
        {
            return null;
        }

        var owner = await database.FirstOrDefaultAsync<OwnerRow>(
            $"""
            select x.pulp_id, x.pulp_type from {on.Kind.From} join core_repository x on x.pulp_id = {Sql.Name(
                on.Kind.Column(field)
            )}
             where {Sql.Name(on.Kind.Key)} = {on.Key.Value}
            """,
            cancellationToken
        );
        return owner is null ? null : (registry.ForType("core_repository", owner.PulpType), owner.PulpId);
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

        if (await Named("repository")(asked, cancellationToken) is not { } repository)
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

    private sealed record OwnerRow
    {
        public Guid PulpId { get; init; }

        public string PulpType { get; init; } = "";
    }

    [GeneratedRegex(
        "^has_(?<on>[a-z_]*?)(?<levels>model|domain|obj|model_or_domain|model_or_obj|model_or_domain_or_obj)_perms$"
    )]
    private static partial Regex Shape();

    [GeneratedRegex(@"^[a-z0-9_]+\.[a-z0-9_]+$")]
    private static partial Regex PermissionShape();
}
