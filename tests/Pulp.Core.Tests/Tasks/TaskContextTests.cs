using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Pulp.Core.Tasks;

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
}
