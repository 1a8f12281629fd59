using Microsoft.Extensions.Logging;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Migrations;

namespace Pulp.Migrations;

/// <summary>A component and its steps.</summary>
/// <param name="Label">Core or a plugin's label.</param>
/// <param name="Version">The component's version in this process.</param>
/// <param name="Migrations">Its steps in order.</param>
public sealed record Component(string Label, string Version, IReadOnlyList<Migration> Migrations);

/// <summary>A step is refused: the message says why and what to do.</summary>
/// <param name="message">For the operator.</param>
public sealed class MigrationRefusedException(string message) : Exception(message);

/// <summary>
/// Brings the database to what the components expect. Every step is one transaction that begins with a lock, so several
/// processes may start at once; each finds done what another did.
/// </summary>
public sealed partial class MigrationRunner(IDb db, TimeProvider clock, ILogger logger)
{
    /// <summary>A number of ours for PostgreSQL's advisory locks.</summary>
    private const long LockKey = 0x50554C50;

    /// <summary>Applies what is missing.</summary>
    /// <param name="components">Core first.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>How many steps were applied.</returns>
    /// <exception cref="MigrationRefusedException">A breaking step while an older process is alive, or a newer database.</exception>
    public async Task<int> ApplyAsync(IReadOnlyList<Component> components, CancellationToken cancellationToken)
    {
        foreach (var component in components)
        {
            CheckOrder(component);
        }

        // Most starts have nothing to do, and then write nothing: a server comes up on a disk that is full.
        if ((await MissingAsync(components, cancellationToken)).Count == 0)
        {
            return 0;
        }

        await EnsureHistoryAsync(cancellationToken);
        var applied = 0;
        foreach (var component in components)
        {
            foreach (var migration in component.Migrations)
            {
                if (await ApplyAsync(component, migration, cancellationToken))
                {
                    LogApplied(component.Label, migration.Id, migration.Name);
                    applied++;
                }
            }
        }

        return applied;
    }

    /// <summary>What is missing, without applying it.</summary>
    /// <param name="components">Core first.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<string>> MissingAsync(
        IReadOnlyList<Component> components,
        CancellationToken cancellationToken
    )
    {
        HashSet<(string, int)> done = [];
        if (await HasTableAsync(db, "core_migration", cancellationToken))
        {
            await RefuseNewerAsync(components, cancellationToken);
            done = await HistoryAsync(db, cancellationToken);
        }

        return
        [
            .. components.SelectMany(c =>
                c.Migrations.Where(m => !done.Contains((c.Label, m.Id))).Select(m => $"{c.Label} {m.Id:0000} {m.Name}")
            ),
        ];
    }

    /// <summary>A step that this release doesn't know was made by a newer one, and nobody here knows what it changed.</summary>
    private async Task RefuseNewerAsync(IReadOnlyList<Component> components, CancellationToken cancellationToken)
    {
        var rows = await db.QueryAsync<HistoryRow>(
            $"select component, id, name, version from core_migration order by component, id",
            cancellationToken
        );
        foreach (var component in components)
        {
            var known = component.Migrations.Select(m => (long)m.Id).ToHashSet();
            if (rows.LastOrDefault(r => r.Component == component.Label && !known.Contains(r.Id)) is { } newer)
            {
                throw new MigrationRefusedException(
                    $"{component.Label} {newer.Version} has brought it to migration {newer.Id:0000} {newer.Name}, which "
                        + $"{component.Label} {component.Version} doesn't know. Start the newer release, or restore a backup "
                        + "from before it."
                );
            }
        }
    }

    private async Task EnsureHistoryAsync(CancellationToken cancellationToken) =>
        await db.InTransactionAsync(
            async tx =>
            {
                await LockAsync(tx, cancellationToken);
                await tx.ExecuteAsync(
                    $"""
                    create table if not exists core_migration
                    (component text not null, id bigint not null, name text not null, version text not null,
                     applied_at {Sql.For("timestamptz", "text")} not null, primary key (component, id))
                    """,
                    cancellationToken
                );
            },
            cancellationToken
        );

    private Task<bool> ApplyAsync(Component component, Migration migration, CancellationToken cancellationToken) =>
        db.InTransactionAsync(
            async tx =>
            {
                await LockAsync(tx, cancellationToken);
                var done = await HistoryAsync(tx, cancellationToken);
                if (done.Contains((component.Label, migration.Id)))
                {
                    return false;
                }

                if (
                    migration.BreaksBefore is { } oldest
                    && await HasTableAsync(tx, "core_appstatus", cancellationToken)
                )
                {
                    await OlderProcesses.RefuseAsync(
                        tx,
                        component,
                        migration,
                        oldest,
                        clock.GetUtcNow(),
                        cancellationToken
                    );
                }

                var schema = new SchemaBuilder();
                migration.Up(schema);
                foreach (var statement in schema.Statements)
                {
                    await tx.ExecuteAsync(statement, cancellationToken);
                }

                await tx.ExecuteAsync(
                    $"""
                    insert into core_migration (component, id, name, version, applied_at)
                    values ({component.Label}, {(long)
                        migration.Id}, {migration.Name}, {component.Version}, {clock.GetUtcNow()})
                    """,
                    cancellationToken
                );
                return true;
            },
            cancellationToken
        );

    private static async Task LockAsync(IDb tx, CancellationToken cancellationToken)
    {
        // SQLite's transaction is the lock already.
        if (tx.IsPostgres)
        {
            await tx.FirstOrDefaultAsync<string>(
                $"select cast(pg_advisory_xact_lock({LockKey}) as text)",
                cancellationToken
            );
        }
    }

    private static async Task<HashSet<(string, int)>> HistoryAsync(IDb session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync<HistoryRow>($"select component, id from core_migration", cancellationToken);
        return [.. rows.Select(r => (r.Component, (int)r.Id))];
    }

    private static async Task<bool> HasTableAsync(IDb session, string name, CancellationToken cancellationToken) =>
        await session.FirstOrDefaultAsync<string>(
            session.IsPostgres
                ? (SqlText)$"select cast(to_regclass({name}) as text)"
                : $"select name from sqlite_master where name = {name}",
            cancellationToken
        )
            is not null;

    private static void CheckOrder(Component component)
    {
        for (var i = 1; i < component.Migrations.Count; i++)
        {
            if (component.Migrations[i].Id <= component.Migrations[i - 1].Id)
            {
                throw new MigrationRefusedException(
                    $"The migrations of {component.Label} are not in order of their ids."
                );
            }
        }
    }

    private sealed record HistoryRow
    {
        public string Component { get; init; } = "";

        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string Version { get; init; } = "";
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Component} {Id:0000} {Name}")]
    private partial void LogApplied(string component, int id, string name);
}
