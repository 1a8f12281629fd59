using NUnit.Framework;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Testing;
using Pulp.Testing;

namespace Pulp.Core.Tests.Tasks;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ProgressReportTests(Engine engine) : DatabaseFixture(engine)
{
    [Test]
    public async Task A_word_on_the_way_that_comes_late_changes_nothing()
    {
        var task = Guid.CreateVersion7();
        await AddTaskAsync(Database, task);
        var report = new ProgressReport(Database, TimeProvider.System, task, "Downloading", "downloading", total: 2);

        report.Increment();
        await Database.ExecuteAsync(report.Store(TaskStates.Running), CancellationToken.None);
        report.Increment();
        await Database.ExecuteAsync(report.Store(TaskStates.Completed), CancellationToken.None);
        await Database.ExecuteAsync(report.Store(TaskStates.Running), CancellationToken.None);

        var stored = await Database.FirstOrDefaultAsync<string>(
            $"select state || ' ' || cast(done as text) from core_progressreport where task_id = {task}",
            CancellationToken.None
        );
        Assert.That(stored, Is.EqualTo("completed 2"));
    }
}
