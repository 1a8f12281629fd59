using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Guards;

/// <summary>The guards that a composite guard asks, in their order.</summary>
internal static class GuardParts
{
    public const string Member = "guards";
    private const int Most = 100;

    /// <summary>How many guards one asks at most, itself and through others. Those beyond aren't asked, and let nobody in.</summary>
    public const int MostAsked = 500;

    public static void AddMember(ResourceKind kind, KindContext context)
    {
        var schema = Schemas.Array(Schemas.Uri().OrNull(), "List of ContentGuards to ask for access-permission.");
        kind.ExtraInputs.Add((Member, (System.Text.Json.Nodes.JsonObject)schema.DeepClone()));
        var pair = context.IsPostgres
            ? "json_agg(json_build_array(p.pulp_type, p.pulp_id) order by p.position)"
            : "json_group_array(json_array(p.pulp_type, p.pulp_id))";
        kind.Outputs.Add(
            new OutputField(
                Member,
                [
                    $"""
                    (select {pair}
                       from (select g.pulp_type, g.pulp_id, x.position
                               from core_compositecontentguard_guards x
                               join core_contentguard g on g.pulp_id = x.guard_id
                              where x.composite_id = m.pulp_id order by x.position) p)
                    """,
                ],
                (json, row, at) =>
                {
                    using var parts = System.Text.Json.JsonDocument.Parse(row.IsNull(at) ? "[]" : row.Text(at));
                    json.WriteStartArray();
                    foreach (var part in parts.RootElement.EnumerateArray())
                    {
                        // One whose plugin is gone keeps its place: with null it can still be taken away.
                        if (
                            context.Registry.TryType(
                                MasterTables.Of(typeof(ContentGuard)),
                                part[0].GetString() ?? "",
                                out var own
                            )
                        )
                        {
                            json.WriteStringValue(own.Href(row.Domain, part[1].GetGuid()));
                        }
                        else
                        {
                            json.WriteNullValue();
                        }
                    }

                    json.WriteEndArray();
                },
                schema
            )
        );
    }

    /// <summary>The ids that a request names; null where it says nothing of them.</summary>
    public static async Task<IReadOnlyList<Guid>?> ReadAsync(
        ChangeInput input,
        References references,
        CancellationToken cancellationToken
    )
    {
        if (!input.Body.TryGet(Member, out var given))
        {
            return null;
        }

        if (given.AsTexts() is not { } texts)
        {
            input.Errors.Add(Member, $"Expected a list of items but got type \"{given.TypeName}\".");
            return null;
        }

        if (texts.Count > Most)
        {
            input.Errors.Add(Member, $"Ensure this field has no more than {Most} elements.");
            return null;
        }

        var (ids, unknown) = await references.ResolveManyAsync(
            typeof(ContentGuard),
            texts,
            input.Reach,
            cancellationToken
        );
        if (unknown is not null)
        {
            await references.RefuseAsync(
                Member,
                typeof(ContentGuard),
                unknown,
                input.Reach,
                input.Errors,
                cancellationToken
            );
            return null;
        }

        return [.. ids.Distinct()];
    }

    /// <summary>Why a guard can't ask others; null where it can.</summary>
    /// <param name="db">The database.</param>
    /// <param name="parts">The others.</param>
    /// <param name="guard">The guard; null for one that is being made.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<string?> FaultAsync(
        IDb db,
        IReadOnlyList<Guid> parts,
        Guid? guard,
        CancellationToken cancellationToken
    )
    {
        var asked = await db.QueryAsync<Guid>(
            $"""
            with recursive asked (guard_id) as (
                select g.pulp_id from core_contentguard g where g.pulp_id in {parts}
                union
                select x.guard_id from core_compositecontentguard_guards x join asked a on a.guard_id = x.composite_id)
            select guard_id from asked
            """,
            cancellationToken
        );
        return guard is { } itself && asked.Contains(itself) ? "A guard can't ask itself."
            : asked.Count > MostAsked ? $"Ensure that no more than {MostAsked} guards are asked, also through others."
            : null;
    }

    public static async Task StoreAsync(
        IDb tx,
        Guid composite,
        IReadOnlyList<Guid> parts,
        CancellationToken cancellationToken
    )
    {
        await tx.ExecuteAsync(
            $"delete from core_compositecontentguard_guards where composite_id = {composite}",
            cancellationToken
        );
        for (var i = 0; i < parts.Count; i++)
        {
            await tx.ExecuteAsync(
                $"""
                insert into core_compositecontentguard_guards (composite_id, guard_id, position)
                values ({composite}, {parts[i]}, {(long)i})
                """,
                cancellationToken
            );
        }
    }
}
