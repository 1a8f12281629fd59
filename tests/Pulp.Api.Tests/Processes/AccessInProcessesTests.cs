using Pulp.Api.Tests.Roles;

namespace Pulp.Api.Tests.Processes;

/// <summary>Two real processes on one database: what one does with roles, the other goes by soon.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
[Parallelizable(ParallelScope.Self)]
public sealed class AccessInProcessesTests(Engine engine) : ProcessFixture(engine)
{
    private const string Password = "a good one 1";

    [Test]
    public async Task What_is_made_and_given_in_one_process_is_seen_in_the_other()
    {
        await using var one = await ServeAsync();
        await using var two = await ServeAsync("--roles", "api");
        var (name, href) = await NewUserAsync(one);
        using var here = new PulpClient(one.Url, name, Password);
        using var there = new PulpClient(two.Url, name, Password);
        await one.Api.GiveAsync(href, "file.filerepository_creator");

        // The other process knows by now that this user has no role on any repository.
        Assert.That(await there.NamesAsync("repositories/file/file/"), Is.Empty);
        var first = await here.NewRepositoryAsync();
        Assert.That(() => CountAsync(there), Is.EqualTo(1).Soon(), "the first one");
        Assert.That(() => CodeAsync(there, first), Is.EqualTo(200), "its owner");

        // The first role on an object of this kind goes, and comes again.
        await here.CompletedAsync(await here.DeleteAsync(first));
        Assert.That(() => CountAsync(there), Is.EqualTo(0).Soon(), "none");
        await here.NewRepositoryAsync();
        Assert.That(() => CountAsync(there), Is.EqualTo(1).Soon(), "another one");
    }

    [Test]
    public async Task What_is_taken_in_one_process_ends_in_the_other()
    {
        await using var one = await ServeAsync();
        await using var two = await ServeAsync("--roles", "api");
        var (name, href) = await NewUserAsync(one);
        using var there = new PulpClient(two.Url, name, Password);
        var repository = await one.Api.NewRepositoryAsync();
        var given = await one.Api.GiveAsync(href, "file.filerepository_viewer", repository);
        Assert.That(() => CodeAsync(there, repository), Is.EqualTo(200).Soon());

        await one.Api.DeleteAsync(given);
        Assert.That(() => CodeAsync(there, repository), Is.EqualTo(404).Soon());
        Assert.That(await CountAsync(there), Is.Zero);
    }

    private static async Task<(string Name, string Href)> NewUserAsync(ServerProcess server)
    {
        var name = PulpClient.Unique();
        var made = await server.Api.PostAsync("users/", new { username = name, password = Password });
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        return (name, made.Href);
    }

    private static async Task<int> CountAsync(PulpClient api) =>
        (int?)(await api.GetAsync("repositories/file/file/")).Json?["count"] ?? -1;

    private static async Task<int> CodeAsync(PulpClient api, string href) => (await api.GetAsync(href)).Code;
}
