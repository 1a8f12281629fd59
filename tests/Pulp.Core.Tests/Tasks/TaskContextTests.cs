using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Tasks;
using Pulp.Testing;

namespace Pulp.Core.Tests.Tasks;

public sealed class TaskContextTests
{
    [Test]
    public async Task Children_are_recorded_as_their_parent_is()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();

        var context = new TaskContext(new ClaimedTask { ProfileOptions = "memory,logs" }, services);

        Assert.That(context.ChildOrigin.ProfileOptions, Is.EqualTo("memory,logs"));
    }

    [Test]
    public async Task The_working_directory_is_there_for_all_who_ask_at_once()
    {
        var data = Directory.CreateTempSubdirectory("pulp-task-").FullName;
        await using var services = new ServiceCollection()
            .AddSingleton(OpenDatabase.At("", data))
            .AddSingleton(new PulpSettings { DataDir = data })
            .AddSingleton<WorkingDirectories>()
            .AddLogging()
            .BuildServiceProvider();
        using var start = new Barrier(8);
        var seen = new System.Collections.Concurrent.ConcurrentBag<bool>();

        for (var round = 0; round < 50; round++)
        {
            var context = new TaskContext(new ClaimedTask { PulpId = Guid.NewGuid() }, services);
            await Task.WhenAll(
                Enumerable
                    .Range(0, start.ParticipantCount)
                    .Select(_ =>
                        Task.Factory.StartNew(
                            () =>
                            {
                                start.SignalAndWait();
                                seen.Add(Directory.Exists(context.WorkingDirectory));
                            },
                            CancellationToken.None,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                    )
            );
        }

        Directory.Delete(data, recursive: true);
        Assert.That(seen, Is.All.True);
    }
}
