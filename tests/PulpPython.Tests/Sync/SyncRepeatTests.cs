namespace PulpPython.Tests.Sync;

/// <summary>A second sync looks at what has changed.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncRepeatTests(Engine engine) : IndexFixture(engine)
{
    [TestCase(true, true)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    public async Task Only_changed_projects_are_read_again(bool hasTags, bool mirror)
    {
        var (same, changed, gone) = (
            TestPackage.Wheel(PulpClient.Unique(), "1.0"),
            TestPackage.Wheel(PulpClient.Unique(), "1.0"),
            TestPackage.Wheel(PulpClient.Unique(), "1.0")
        );
        Index.HasTags = hasTags;
        Index.With(same, changed, gone);
        var (repository, remote, _) = await SyncedAsync(
            new { includes = new[] { same.Project, changed.Project, gone.Project } }
        );

        var newer = TestPackage.Wheel(changed.Project, "2.0");
        Index.With(newer);
        Upstream.Faulty(
            $"simple/{gone.Project}/",
            context =>
            {
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
            }
        );
        Upstream.Faulty(
            $"pypi/{gone.Project}/json",
            context =>
            {
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
            }
        );
        var task = await SyncAsync(repository, remote, new { mirror });
        var third = await SyncAsync(repository, remote, new { mirror });

        Completed(task);
        Completed(third);
        string[] kept = mirror ? [] : [gone.Filename];
        var files = await FilesAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(files, Is.EquivalentTo([same.Filename, changed.Filename, newer.Filename, .. kept]));
            Assert.That(
                Warnings(task, "python.project_missing"),
                Is.EqualTo([$"The index has no project {gone.Project}."])
            );
            Assert.That(Index.Asked(same.Project), Is.EqualTo(3));
            Assert.That(Index.AskedDetails(same.Project), Is.EqualTo(1), "it didn't change");
            Assert.That(Index.AskedDetails(changed.Project), Is.EqualTo(2));
            Assert.That(third["created_resources"]?.AsArray(), Is.Empty);
        });
    }

    [TestCase(20_000_000, 1)]
    [TestCase(0, 2)]
    public async Task Serials_of_the_list_spare_the_pages_where_they_are_of_pypi_kind(long serials, int asked)
    {
        var (one, two) = (TestPackage.Wheel(PulpClient.Unique(), "1.0"), TestPackage.Wheel(PulpClient.Unique(), "1.0"));
        Index.HasSerials = true;
        Index.FirstSerial = serials;
        Index.With(one, two, TestPackage.Source(two.Project, "1.0"));
        var (repository, remote, _) = await SyncedAsync();

        Index.With(TestPackage.Source(two.Project, "0.9"));
        Completed(await SyncAsync(repository, remote, new { mirror = true }));

        Assert.Multiple(() =>
        {
            Assert.That(Index.Asked(one.Project), Is.EqualTo(asked));
            Assert.That(Index.Asked(two.Project), Is.EqualTo(2));
        });
        Assert.That(await FilesAsync(repository), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task What_somebody_changed_here_is_looked_at_again()
    {
        var (kept, removed) = (
            TestPackage.Wheel(PulpClient.Unique(), "1.0"),
            TestPackage.Wheel(PulpClient.Unique(), "1.0")
        );
        Index.With(kept, removed);
        var (repository, remote, _) = await SyncedAsync(new { includes = new[] { kept.Project, removed.Project } });
        var unit = (await PackagesAsync(repository)).Single(p => (string?)p["filename"] == removed.Filename);
        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "modify/",
                new { remove_content_units = new[] { (string?)unit["pulp_href"] } }
            )
        );
        var between = await FilesAsync(repository);

        Completed(await SyncAsync(repository, remote));

        var after = await FilesAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(between, Is.EqualTo([kept.Filename]));
            Assert.That(after, Is.EquivalentTo([kept.Filename, removed.Filename]));
            Assert.That(Index.AskedDetails(kept.Project), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Everything_is_looked_at_again_where_that_is_asked_for_or_the_remote_changed()
    {
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.With(wheel);
        var (repository, remote, _) = await SyncedAsync(new { includes = new[] { wheel.Project } });

        Completed(await SyncAsync(repository, remote, new { optimize = false }));
        var asked = Index.AskedDetails(wheel.Project);
        await Api.CompletedAsync(await Api.PatchAsync(remote, new { prereleases = true }));
        Completed(await SyncAsync(repository, remote));

        Assert.That((asked, Index.AskedDetails(wheel.Project)), Is.EqualTo((2, 3)));
    }
}
