using System.Collections.Frozen;

namespace Pulp.Core.Rights;

/// <summary>The server's own permissions, by Pulp's names: four for each of its models, and some more.</summary>
internal static class CorePermissions
{
    private static readonly string[] Models =
    [
        .. "accesspolicy alternatecontentsource alternatecontentsourcepath appstatus artifact artifactdistribution".Split(
            ' '
        ),
        .. "compositecontentguard content contentartifact contentguard contentredirectcontentguard createdresource".Split(
            ' '
        ),
        .. "distribution domain export exportedresource exporter filesystemexport filesystemexporter group grouprole".Split(
            ' '
        ),
        .. "groupprogressreport headercontentguard import importer openpgpdistribution openpgpkeyring".Split(' '),
        .. "openpgppublickey openpgppublicsubkey openpgpsignature openpgpuserattribute openpgpuserid".Split(' '),
        .. "profileartifact progressreport publication publishedartifact publishedmetadata pulpexport".Split(' '),
        .. "pulpexporter pulpimport pulpimporter pulptemporaryfile rbaccontentguard remote remoteartifact".Split(' '),
        .. "repository repositorycontent repositoryversion repositoryversioncontentdetails role signingservice".Split(
            ' '
        ),
        .. "task taskgroup taskschedule upload uploadchunk upstreampulp userrole vulnerabilityreport".Split(' '),
    ];

    private static readonly string[] WithRoles =
    [
        .. "group domain task taskschedule upload upstreampulp openpgpkeyring openpgpdistribution".Split(' '),
        .. "artifactdistribution rbaccontentguard contentredirectcontentguard headercontentguard".Split(' '),
        "compositecontentguard",
    ];

    private static readonly string[] More =
    [
        .. "manage_content_labels download_rbaccontentguard view_task_profile_artifacts".Split(' '),
        .. "replicate_upstreampulp modify_openpgpkeyring repair_openpgpkeyring".Split(' '),
    ];

    /// <summary>In full: <c>core.view_task</c>.</summary>
    public static FrozenSet<string> All { get; } =
        Models
            .SelectMany(model => new[] { $"add_{model}", $"change_{model}", $"delete_{model}", $"view_{model}" })
            .Concat(WithRoles.Select(model => $"manage_roles_{model}"))
            .Concat(More)
            .Select(codename => $"core.{codename}")
            .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The model that a permission is about: <c>core.task</c>.</summary>
    public static string ModelOf(string permission) =>
        permission switch
        {
            "core.manage_content_labels" => "core.content",
            "core.view_task_profile_artifacts" => "core.task",
            _ => "core." + permission[(permission.LastIndexOf('_') + 1)..],
        };
}
