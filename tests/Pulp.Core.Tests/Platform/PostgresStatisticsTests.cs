using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>What the planner is told of tables that grew.</summary>
[TestFixtureSource(nameof(Postgres))]
public sealed class PostgresStatisticsTests(Engine engine) : DatabaseFixture(engine)
{
    private const int Rows = 500;

    private static IEnumerable<Engine> Postgres => Engines.All.Where(e => e == Engine.Postgres);

    [Test]
    public async Task The_planner_learns_of_a_table_that_grew_at_once()
    {
        await using var statistics = new PostgresStatistics(Database, TimeProvider.System, NullLogger.Instance);
        await Database.InTransactionAsync(
            async tx =>
            {
                for (var i = 0; i < Rows; i++)
                {
                    await AddTaskAsync(tx, Guid.NewGuid());
                }

                // Else the server counts the rows only a second later.
                return await tx.FirstOrDefaultAsync<string>(
                    $"select cast(pg_stat_force_next_flush() as text)",
                    CancellationToken.None
                );
            },
            CancellationToken.None
        );

        await statistics.AnalyzeAsync(CancellationToken.None);

        var known = await Database.FirstOrDefaultAsync<double>(
            $"select cast(reltuples as double precision) from pg_class where relname = 'core_task'",
            CancellationToken.None
        );
        Assert.That(known, Is.EqualTo(Rows));
    }
}
