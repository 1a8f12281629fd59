using System.Reflection;
using Pulp.Core.Platform.Changes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Repositories;

/// <summary>Arguments of <see cref="AddAndRemove"/>. <c>*</c> among the removed means everything.</summary>
internal sealed record AddAndRemoveArgs(
    Guid Repository,
    IReadOnlyList<Guid> Add,
    IReadOnlyList<Guid> Remove,
    bool RemoveAll,
    Guid? BaseVersion,
    bool Overwrite
);

/// <summary>Makes a version with units added and removed.</summary>
[PulpTask("pulpcore.app.tasks.repository.add_and_remove")]
internal sealed class AddAndRemove(
    Database database,
    RepositoryKeys keys,
    RepositoryTypes types,
    VersionCompletion completion
) : PulpTask<AddAndRemoveArgs>
{
    public override async Task<object?> RunAsync(
        AddAndRemoveArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        if (args is { Add.Count: 0, Remove.Count: 0, RemoveAll: false, BaseVersion: null })
        {
            return null; // Nothing to do makes no version.
        }

        if (!args.Overwrite)
        {
            await OverwriteRule.EnsureNothingReplacedAsync(
                database,
                keys.Of((await types.KindAsync(args.Repository, cancellationToken)).PulpType),
                args.Repository,
                args.Add,
                args.RemoveAll ? null : args.Remove,
                cancellationToken
            );
        }

        await completion.MakeAsync(
            args.Repository,
            args.BaseVersion,
            task,
            builder => FillAsync(builder, args, cancellationToken),
            cancellationToken
        );
        return null;
    }

    private static async Task FillAsync(
        VersionBuilder builder,
        AddAndRemoveArgs args,
        CancellationToken cancellationToken
    )
    {
        if (args.BaseVersion is { } wanted)
        {
            await builder.StartFromAsync(wanted, cancellationToken);
        }

        if (args.RemoveAll)
        {
            await builder.RemoveAllAsync(cancellationToken);
        }

        await builder.RemoveAsync(args.Remove, cancellationToken);
        await builder.AddAsync(args.Add, cancellationToken);
    }
}

internal sealed record VersionArgs(Guid Version);

/// <summary>Deletes a version; the others stay as they are.</summary>
[PulpTask("pulpcore.app.tasks.repository.delete_version")]
internal sealed class DeleteVersion(Database database, Versions versions, ServingChanges stamp) : PulpTask<VersionArgs>
{
    public override async Task<object?> RunAsync(
        VersionArgs args,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        await database.InTransactionAsync(
            async tx =>
            {
                if (await versions.FindAsync(tx, args.Version, cancellationToken) is not { } version)
                {
                    return;
                }

                await VersionRules.EnsureDeletableAsync(tx, version, cancellationToken);
                await VersionDeletion.DeleteAsync(tx, version, cancellationToken);
                await stamp.ChangedAsync(tx, changed: true, cancellationToken);
            },
            cancellationToken
        );
        return null;
    }
}

/// <summary>What may not happen to versions.</summary>
internal static class VersionRules
{
    public static async Task EnsureDeletableAsync(IDb session, VersionRow version, CancellationToken cancellationToken)
    {
        var others = await session.FirstOrDefaultAsync<long>(
            $"""
            select count(*) from core_repositoryversion
             where repository_id = {version.RepositoryId} and complete and pulp_id <> {version.PulpId}
            """,
            cancellationToken
        );
        if (others == 0)
        {
            throw new FieldlessException(
                "Cannot delete repository version. Repositories must have at least one repository version."
            );
        }

        if (await VersionRetention.IsProtectedAsync(session, version, cancellationToken))
        {
            throw new FieldlessException(
                "The repository version cannot be deleted because it (or its publications) are currently being used to "
                    + "distribute content. Please update the necessary distributions first."
            );
        }
    }
}

/// <summary><c>overwrite: false</c>: what is there may not be replaced.</summary>
internal static class OverwriteRule
{
    /// <summary>The same question about a unit that isn't stored yet.</summary>
    /// <exception cref="ConflictException">Another unit of the latest version has its repository key.</exception>
    public static async Task EnsureFreeAsync(
        IDb session,
        ResourceKind kind,
        Guid repository,
        Content unit,
        CancellationToken cancellationToken
    )
    {
        if (kind.Record.GetCustomAttribute<RepositoryKeyAttribute>() is not { } key)
        {
            return;
        }

        SqlText Equal(IEnumerable<string> properties) =>
            Sql.All(
                properties.Select(kind.FieldOf).Select(f => (SqlText)$"{Sql.Name(kind.Column(f))} = {f.Get(unit)}")
            );
        // The very same unit replaces nothing.
        var identity = kind.Record.GetCustomAttribute<UniqueAttribute>()?.Properties ?? key.Properties;
        var taken = await session.FirstOrDefaultAsync<long>(
            $"""
            select 1 from {Sql.Name(
                $"{kind.DetailTable} d"
            )} join core_repositorycontent rc on rc.content_id = d.pulp_id
             where rc.repository_id = {repository} and rc.version_removed is null
               and {Equal(key.Properties)} and not ({Equal(identity)}) limit 1
            """,
            cancellationToken
        );
        if (taken == 1)
        {
            throw new ConflictException(
                $"The repository already holds {kind.PulpType} content with the same {string.Join(", ", key.Properties.Select(Names.Snake))}, and overwrite is false."
            );
        }
    }

    /// <exception cref="ConflictException">A unit of the latest version would be replaced.</exception>
    public static async Task EnsureNothingReplacedAsync(
        IDb session,
        IReadOnlyList<RepositoryKey> keys,
        Guid repository,
        IReadOnlyList<Guid> add,
        IReadOnlyList<Guid>? removed,
        CancellationToken cancellationToken
    )
    {
        if (removed is null)
        {
            return;
        }

        foreach (var key in keys)
        {
            var replaced = await session.FirstOrDefaultAsync<string>(
                $"""
                select present.{key.First} from {key.Table} added
                  join {key.Table} present on {key.Same("added", "present")}
                  join core_repositorycontent rc on rc.content_id = present.pulp_id
                 where added.pulp_id in {add} and present.pulp_id not in {add} and present.pulp_id not in {removed}
                   and rc.repository_id = {repository} and rc.version_removed is null limit 1
                """,
                cancellationToken
            );
            if (replaced is not null)
            {
                throw new ConflictException(
                    $"The repository already holds {key.PulpType} content with {key.Columns[0]} '{replaced}', and overwrite is false."
                );
            }
        }
    }
}
