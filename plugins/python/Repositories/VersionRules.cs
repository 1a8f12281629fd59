using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;

namespace PulpPython.Repositories;

/// <summary>What holds for each version of a repository, whoever makes it.</summary>
internal static class VersionRules
{
    /// <exception cref="ConflictException">It would hold what the repository doesn't take.</exception>
    public static async Task CompleteAsync(IVersionDraft draft, CancellationToken cancellationToken)
    {
        var repository =
            await draft.Db.FirstOrDefaultAsync<Rules>(
                $"""
                select d.allow_package_substitution,
                       exists (select 1 from python_pythonblocklistentry x where x.repository_id = d.pulp_id) as blocks
                  from python_pythonrepository d where d.pulp_id = {draft.Repository}
                """,
                cancellationToken
            ) ?? throw new NotFoundException();
        if (!repository.AllowPackageSubstitution)
        {
            await RefuseSubstitutionAsync(draft, cancellationToken);
        }

        if (repository.Blocks)
        {
            await RefuseBlockedAsync(draft, cancellationToken);
        }

        await RemoveProvenancesAsync(draft, cancellationToken);
    }

    private static async Task RefuseSubstitutionAsync(IVersionDraft draft, CancellationToken cancellationToken)
    {
        var filename = await draft.Db.FirstOrDefaultAsync<string>(
            $"""
            select d.filename from python_pythonpackagecontent d
             where d.pulp_id in {draft.ReplacedUnits} and d.pulp_id in ({draft.RemovedUnits})
             order by d.filename limit 1
            """,
            cancellationToken
        );
        if (filename is not null)
        {
            throw new ConflictException(
                $"'{filename}' would be replaced by another package of the same filename and another checksum. "
                    + "The repository allows that with allow_package_substitution."
            );
        }
    }

    private static async Task RefuseBlockedAsync(IVersionDraft draft, CancellationToken cancellationToken)
    {
        var blocklist = await Blocklist.OfAsync(draft.Db, draft.Repository, cancellationToken);
        var candidates = await draft.Db.QueryAsync<Candidate>(
            blocklist.Candidates(draft.AddedUnits),
            cancellationToken
        );
        if (candidates.FirstOrDefault(c => blocklist.Has(c.NameNormalized, c.VersionKey, c.Filename)) is { } blocked)
        {
            throw new ConflictException($"'{blocked.Filename}' is on the repository's block list.");
        }
    }

    /// <summary>A provenance goes with its package: it would bring that back otherwise.</summary>
    private static async Task RemoveProvenancesAsync(IVersionDraft draft, CancellationToken cancellationToken)
    {
        var provenances = await draft.Db.QueryAsync<Guid>(
            $"select x.pulp_id from python_packageprovenance x where x.package_id in ({draft.RemovedUnits})",
            cancellationToken
        );
        if (provenances.Count > 0)
        {
            await draft.RemoveAsync(provenances, cancellationToken);
        }
    }

    private sealed record Rules
    {
        public bool AllowPackageSubstitution { get; init; }

        public bool Blocks { get; init; }
    }

    private sealed record Candidate
    {
        public string Filename { get; init; } = "";

        public string NameNormalized { get; init; } = "";

        public string VersionKey { get; init; } = "";
    }
}
