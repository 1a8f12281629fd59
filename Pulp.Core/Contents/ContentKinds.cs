using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Contents;

/// <summary>The kinds of content: members, filters and their generic list.</summary>
internal static class ContentKinds
{
    private const long Few = 10_000;
    private static readonly string[] DigestNames = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

    public static ResourceFamily<ContentDeclaration> Family { get; } =
        new("content", typeof(Content))
        {
            GenericModel = "MultipleArtifactContent",
            Verbs = Verbs.List | Verbs.Read | Verbs.Labels,
            Members = AddMembers,
            Scope = SeenInRepositories,
            ScopeKeys = KeysInRepositories,
            Behavior = (_, _) => ContentTask.Behavior(),
            Operations = (kind, declaration, services) =>
            {
                if (declaration.IsFromFile && !kind.Without.HasFlag(Operations.Create))
                {
                    services.GetRequiredService<ContentUploadApi>().Map(kind, declaration);
                }
            },
        };

    /// <summary>
    /// Units are seen that are, or once were, in a version of a repository that is seen. A version that isn't complete has the
    /// repository's next number.
    /// </summary>
    private static SqlText SeenInRepositories(ResourceKind kind, IScope scope)
    {
        var repositories = scope.For(typeof(Repository));
        return $"""
            exists (
              select 1 from core_repositorycontent rc
               where rc.content_id = {Sql.Name(kind.Key)}
                 and exists (
                   select 1 from core_repository m
                    where m.pulp_id = rc.repository_id and rc.version_added < m.next_version
                      and {repositories.Visible ?? $"1 = 1"} and {scope.Where(repositories) ?? $"1 = 1"})
               limit 1 offset 0)
            """;
    }

    /// <summary>
    /// The same units, found along the repositories. Who sees them changes with versions, repositories, roles and their holders, all
    /// of which are counted.
    /// </summary>
    private static SeenKeys KeysInRepositories(ResourceKind kind, IScope scope)
    {
        var kept = scope.For(typeof(Repository));
        var seen = scope.Select(kept) is { } keys ? (SqlText)$"m.pulp_id in ({keys})" : $"1 = 1";
        SqlText repositories = $"""
            select m.pulp_id as place from core_repository m
             where m.next_version > 1 and {kept.Visible ?? $"1 = 1"} and {seen}
            """;
        return new SeenKeys([Members(kind, scope, $"in ({repositories})")], AreDisjoint: true)
        {
            Stamp = SeenKeys.Counted,
            Places = new KeyPlaces(repositories, place => Members(kind, scope, $"= {place}")),
        };
    }

    /// <summary>The units of some repositories. A repository may hold some of several kinds.</summary>
    private static KeySource Members(ResourceKind kind, IScope scope, SqlText which)
    {
        var here = scope.Here(kind);
        SqlText units =
            here is not null ? $"cross join {kind.Rows} where {Sql.Name(kind.Key)} = rc.content_id and {here} and"
            : kind.IsGeneric ? $"where"
            : (SqlText)$"cross join {kind.KeyTable} where {Sql.Name(kind.Key)} = rc.content_id and";
        return new KeySource(
            Sql.Name("rc.content_id"),
            $"""
            core_repository r cross join core_repositorycontent rc {units}
                  r.pulp_id {which} and rc.repository_id = r.pulp_id and rc.version_added < r.next_version
            """,
            Repeats: true
        );
    }

    private static void AddMembers(ResourceKind kind, ContentDeclaration? declaration, KindContext context)
    {
        var postgres = context.IsPostgres;
        kind.Outputs.Add(
            new OutputField(
                "vuln_report",
                [$"(select x.pulp_id from core_vulnerabilityreport x where x.content_id = {kind.Key})"],
                (json, row, at) =>
                {
                    if (row.IsNull(at))
                    {
                        json.WriteNullValue();
                    }
                    else
                    {
                        row.WriteHref(json, at, "vuln_report/");
                    }
                },
                Schemas.ReadOnlyUri().OrNull()
            )
        );
        if (declaration is { IsFromFile: true })
        {
            AddArtifact(kind, hasOne: declaration.Complete is not null, postgres);
        }
        else
        {
            AddArtifacts(kind, postgres);
        }

        foreach (var reference in declaration?.References ?? [])
        {
            AddReferred(kind, reference, context);
        }

        AddFilters(kind);
    }

    private static void AddArtifact(ResourceKind kind, bool hasOne, bool postgres)
    {
        // Ids of files count up as they are declared: the first is the unit's own.
        SqlText file = hasOne
            ? (SqlText)$"left join core_contentartifact ca on ca.content_id = d.pulp_id"
            : $"""
                left join core_contentartifact ca
                  on ca.pulp_id = (select f.pulp_id from core_contentartifact f where f.content_id = d.pulp_id order by f.pulp_id limit 1)
                """;
        // A file that wasn't fetched yet shows the digests that its upstream promised: of several, the one that tells most.
        SqlText promised = $"""
            from core_remoteartifact x where x.content_artifact_id = ca.pulp_id and a.pulp_id is null
             order by x.sha256 is null, x.pulp_id limit 1
            """;
        SqlText remote = postgres
            ? (SqlText)$"left join lateral (select x.* {promised}) ra on true"
            : $"left join core_remoteartifact ra on ra.pulp_id = (select x.pulp_id {promised})";
        kind.LeftJoined = $"{file} left join core_artifact a on a.pulp_id = ca.artifact_id {remote}";
        kind.Outputs.Add(
            new OutputField(
                "artifact",
                ["a.pulp_id"],
                (json, row, at) =>
                {
                    if (row.IsNull(at))
                    {
                        json.WriteNullValue();
                    }
                    else
                    {
                        row.WriteHref(json, at, "artifacts/");
                    }
                },
                Schemas.Uri("Artifact file representing the physical content")
            )
        );
        // A kind that has such a field shows its own.
        foreach (var digest in DigestNames.Where(digest => !kind.Outputs.Exists(o => o.Name == digest)))
        {
            kind.Outputs.Add(
                new OutputField(
                    digest,
                    [$"coalesce(a.{digest}, ra.{digest})"],
                    Outputs.Writer(FieldType.Text),
                    Schemas.ReadOnlyText().OrNull()
                )
            );
        }
    }

    /// <summary>The hrefs of the units that stand in a table of references.</summary>
    private static void AddReferred(ResourceKind kind, ReferenceDeclaration reference, KindContext context)
    {
        if (reference is not { Table: { } table, Member: { } member })
        {
            return; // A field's reference is shown as any other.
        }

        var other = context.Registry.For(reference.Other);
        var ids = context.IsPostgres
            ? "json_agg(r.referred_id order by r.referred_id)"
            : "json_group_array(r.referred_id)";
        kind.Outputs.Add(
            new OutputField(
                member,
                [$"(select {ids} from {Sql.Name(table).Text} r where r.content_id = {kind.Key})"],
                (json, row, at) => WriteHrefs(json, row, at, other),
                Schemas.Array(Schemas.Uri()).ReadOnly()
            )
        );
    }

    private static void WriteHrefs(Utf8JsonWriter json, RowReader row, int at, ResourceKind kind)
    {
        using var list = JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
        json.WriteStartArray();
        foreach (var id in list.RootElement.EnumerateArray())
        {
            json.WriteStringValue(kind.Href(row.Domain, id.GetString() ?? ""));
        }

        json.WriteEndArray();
    }

    /// <summary>All files of a unit: relative path to artifact.</summary>
    private static void AddArtifacts(ResourceKind kind, bool postgres) =>
        kind.Outputs.Add(
            new OutputField(
                "artifacts",
                [
                    (
                        postgres
                            ? "(select json_object_agg(x.relative_path, x.artifact_id)"
                            : "(select json_group_object(x.relative_path, x.artifact_id)"
                    )
                        + " from core_contentartifact x where x.content_id = "
                        + kind.Key
                        + ")",
                ],
                (json, row, at) => WriteArtifacts(json, row, at),
                Schemas.Object("A dict mapping relative paths inside the Content to the corresponding Artifact URLs.")
            )
        );

    private static void WriteArtifacts(Utf8JsonWriter json, RowReader row, int at)
    {
        using var map = JsonDocument.Parse(row.IsNull(at) ? "{}" : row.Text(at));
        json.WriteStartObject();
        foreach (var file in map.RootElement.EnumerateObject())
        {
            if (file.Value.ValueKind == JsonValueKind.Null)
            {
                json.WriteNull(file.Name);
            }
            else
            {
                json.WriteString(file.Name, $"{row.Domain.Root}artifacts/{file.Value.GetString()}/");
            }
        }

        json.WriteEndObject();
    }

    private static void AddFilters(ResourceKind kind)
    {
        kind.Add(
            Version(
                kind,
                "repository_version",
                "present",
                v =>
                    $"+rc.version_added <= {v.Number} and (rc.version_removed is null or rc.version_removed > {v.Number})"
            )
        );
        kind.Add(Version(kind, "repository_version_added", "added", v => $"rc.version_added = {v.Number}"));
        kind.Add(Version(kind, "repository_version_removed", "removed", v => $"rc.version_removed = {v.Number}"));
        kind.Add(
            Filters.OrphanedFor($"not exists (select 1 from core_repositorycontent rc where rc.content_id = m.pulp_id)")
        );
    }

    /// <summary>Lists of a version's units are read along the version, whose size its summary knows.</summary>
    private static Filter Version(
        ResourceKind kind,
        string name,
        string counted,
        Func<FilteredVersion, SqlText> condition
    ) =>
        new(
            name,
            Schemas.Parameter(FieldType.Text),
            async (input, value, cancellationToken) =>
            {
                // The version and its size in one question.
                SqlText summed = $"cast(coalesce(sum({Sql.Name(counted)}), 0) as bigint)";
                var version = input.References.VersionSource(value, input.Reach) is { } source
                    ? await input.Db.FirstOrDefaultAsync<FilteredVersion>(
                        $"""
                        select v.repository_id, v.number,
                               (select {summed} from core_versionsummary s where s.version_id = v.pulp_id {OfKind(
                            kind
                        )}) as count,
                               (select {summed} from core_versionsummary s where s.version_id = v.pulp_id) as total
                          from {source}
                        """,
                        cancellationToken
                    )
                    : null;
                if (version is null)
                {
                    throw input.NoReference(typeof(RepositoryVersionRef), value);
                }

                SqlText inVersion = $"rc.repository_id = {version.RepositoryId} and {condition(version)}";
                input.Driver = new ListDriver(
                    $"core_repositorycontent rc {Narrow(counted, version.Count, input.Db)}",
                    "rc.content_id",
                    inVersion,
                    version.Count,
                    version.Count == version.Total
                )
                {
                    // The version was found within what the caller sees.
                    Scope = Family.Scope,
                };
                return $"{Sql.Name(kind.Key)} in (select rc.content_id from core_repositorycontent rc where {inVersion})";
            }
        )
        {
            ReadsEmpty = true,
        };

    /// <summary>A change of a few units is looked up, where SQLite, which keeps no statistics, would walk the whole repository.</summary>
    private static SqlText Narrow(string counted, long count, IDb db) =>
        db.IsPostgres || counted == "present" || count > Few
            ? (SqlText)$""
            : $"indexed by {Sql.Name("core_repositorycontent_" + counted)}";

    private static SqlText OfKind(ResourceKind kind) =>
        kind.IsGeneric ? (SqlText)$"" : $"and s.content_type = {kind.PulpType}";

    private sealed record FilteredVersion
    {
        public Guid RepositoryId { get; init; }

        public long Number { get; init; }

        public long Count { get; init; }

        public long Total { get; init; }
    }
}
