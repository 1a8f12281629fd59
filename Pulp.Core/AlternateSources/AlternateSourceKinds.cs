using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.Core.Repositories;
using Pulp.Core.Sync;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.AlternateSources;

/// <summary>Alternate content sources: their paths, and the refresh that reads them into hidden repositories.</summary>
internal static class AlternateSourceKinds
{
    public static ResourceFamily<AlternateSourceDeclaration> Family { get; } =
        new("acs", typeof(AlternateContentSource))
        {
            Verbs = Verbs.Changeable | Verbs.Create | Verbs.Roles,
            Members = (kind, _, request) => AddMembers(kind, request.IsPostgres),
            Behavior = (_, services) => Behavior(services.GetRequiredService<ResourceStore>()),
            Operations = (kind, declaration, services) =>
                services.GetRequiredService<AlternateSourceApi>().Map(kind, declaration),
        };

    private static void AddMembers(ResourceKind kind, bool postgres)
    {
        kind.ExtraInputs.Add(
            (
                "paths",
                Schemas.Array(
                    Schemas.Text(),
                    "List of paths that will be appended to the Remote url when searching for content."
                )
            )
        );
        kind.ExtraInputs.Add(("last_refreshed", Schemas.Timestamp().OrNull()));
        kind.Outputs.Add(
            Outputs.RawJson(
                "paths",
                postgres
                    ? "(select json_agg(p.path order by p.path) from core_alternatecontentsourcepath p where p.source_id = m.pulp_id)"
                    : "(select json_group_array(p.path) from core_alternatecontentsourcepath p where p.source_id = m.pulp_id)",
                "[]",
                Schemas.Array(Schemas.Text())
            )
        );
    }

    private static KindBehavior Behavior(ResourceStore store) =>
        new()
        {
            ExtraMembers = ["paths", "last_refreshed"],
            Validate = async (input, cancellationToken) =>
            {
                ReadPaths(input.Body, input.Errors);
                if (
                    input.Value<Guid?>(nameof(AlternateContentSource.Remote)) is { } id
                    && await store.FindByMasterAsync(input.Db, typeof(Remote), input.Reach, id, cancellationToken)
                        is Remote { Policy: not DownloadPolicies.OnDemand }
                )
                {
                    input.Errors.Add(
                        "remote",
                        "Remote used with alternate content source must have the 'on_demand' policy."
                    );
                }
            },
            AfterWrite = async (tx, key, input, cancellationToken) =>
            {
                var id = key.Id;
                var given = ReadPaths(input.Body, input.Errors);
                if (given is null && input.Key is not null)
                {
                    return;
                }

                var paths = given is { Count: > 0 } ? given : [""];
                await tx.ExecuteAsync(
                    $"delete from core_alternatecontentsourcepath where source_id = {id} and path not in {paths}",
                    cancellationToken
                );
                foreach (var path in paths)
                {
                    await tx.ExecuteAsync(
                        $"""
                        insert into core_alternatecontentsourcepath (pulp_id, source_id, path)
                        values ({Ids.New()}, {id}, {path}) on conflict (source_id, path) do nothing
                        """,
                        cancellationToken
                    );
                }
            },
            // Hidden repositories go with the source that they belong to.
            BeforeDelete = async (tx, key, _, cancellationToken) =>
                await tx.ExecuteAsync(
                    $"""
                    delete from core_repository
                     where user_hidden and pulp_id in (select repository_id from core_alternatecontentsourcepath where source_id = {key.Id})
                    """,
                    cancellationToken
                ),
        };

    private static IReadOnlyList<string>? ReadPaths(RequestBody body, ValidationErrors errors)
    {
        if (!body.TryGet("paths", out var given) || given.IsNull)
        {
            return null;
        }

        if (given.AsTexts() is not { } paths)
        {
            errors.Add("paths", $"Expected a list of items but got type \"{given.TypeName}\".");
            return null;
        }

        foreach (var path in paths.Where(p => p.Length > 0 && !RelativePaths.IsSafe(p.TrimEnd('/'))))
        {
            errors.Add(
                "paths",
                $"'{RelativePaths.Shorten(path)}' is not an allowed path: it must be relative and may not climb."
            );
        }

        return paths;
    }
}
