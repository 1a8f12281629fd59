using Microsoft.AspNetCore.Http;

namespace PulpPython.Tests.Sync;

/// <summary>Indexes that are broken, gone, or no indexes.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SyncFaultTests(Engine engine) : IndexFixture(engine)
{
    [Test]
    public async Task A_bad_project_is_told_and_the_rest_goes_on()
    {
        var (good, broken, garbage, other) = (
            TestPackage.Wheel(PulpClient.Unique(), "1.0"),
            TestPackage.Wheel(PulpClient.Unique(), "1.0"),
            TestPackage.Wheel(PulpClient.Unique(), "1.0"),
            TestPackage.Wheel(PulpClient.Unique(), "1.0")
        );
        TestPackage[] all = [good, broken, garbage, other];
        Index.With(all);
        var (repository, remote, _) = await SyncedAsync(new { includes = all.Select(p => p.Project) });
        var newer = TestPackage.Wheel(good.Project, "2.0");
        Index.With(newer);
        Upstream.Faulty($"simple/{broken.Project}/", Answer(500, "text/html", "oops"));
        Upstream.Faulty(
            $"simple/{garbage.Project}/",
            Answer(200, "application/vnd.pypi.simple.v1+json", "{\"files\": [")
        );
        Upstream.Faulty($"simple/{other.Project}/", Answer(200, "text/html", "<html>Please sign in</html>"));

        var task = await SyncAsync(repository, remote, new { mirror = true });

        Completed(task);
        var files = await FilesAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(files, Is.EquivalentTo([newer.Filename, .. all.Select(p => p.Filename)]), "they may come back");
            Assert.That(
                Warnings(task, "python.project_failed"),
                Is.EquivalentTo([
                    $"The project {broken.Project} can't be read: {Upstream.Url}/simple/{broken.Project}/ answered 500 Internal Server Error.",
                    $"The project {garbage.Project} can't be read: {Upstream.Url}/simple/{garbage.Project}/ has JSON that can't be read.",
                    $"The project {other.Project} can't be read: {Upstream.Url}/simple/{other.Project}/ is no list of files.",
                ])
            );
        });
    }

    [Test]
    public async Task A_corrupt_file_is_left_out_and_fetched_when_it_is_mended()
    {
        var name = PulpClient.Unique();
        var (good, bad, missing) = (
            TestPackage.Wheel(name, "1.0"),
            TestPackage.Wheel(name, "2.0"),
            TestPackage.Wheel(name, "3.0")
        );
        Index.With(good, bad, missing);
        Upstream.With($"files/{bad.Filename}", [.. bad.Bytes.Select(b => (byte)(b ^ 1))]);
        Upstream.Without($"files/{missing.Filename}");

        var (repository, remote, task) = await SyncedAsync(new { includes = new[] { name }, policy = "immediate" });
        var first = await FilesAsync(repository);
        Upstream.With($"files/{bad.Filename}", bad.Bytes);
        Upstream.With($"files/{missing.Filename}", missing.Bytes);
        var again = await SyncAsync(repository, remote);

        Completed(task);
        Completed(again);
        var second = await FilesAsync(repository);
        Assert.Multiple(() =>
        {
            Assert.That(first, Is.EqualTo([good.Filename]));
            Assert.That(Warnings(task, "python.file_failed"), Has.Count.EqualTo(2));
            Assert.That(second, Is.EquivalentTo([good.Filename, bad.Filename, missing.Filename]));
            Assert.That(Warnings(again, "python.file_failed"), Is.Empty);
        });
    }

    [Test]
    public async Task A_host_of_files_that_is_gone_fails_the_task()
    {
        var name = PulpClient.Unique();
        TestPackage[] wheels = [.. Enumerable.Range(0, 12).Select(i => TestPackage.Wheel(name, $"1.{i}"))];
        Index.With(wheels);
        foreach (var wheel in wheels)
        {
            Upstream.Faulty($"files/{wheel.Filename}", Abort);
        }

        var (repository, _, task) = await SyncedAsync(new { includes = new[] { name }, policy = "immediate" });

        Assert.That((string?)task["state"], Is.EqualTo("failed"));
        Assert.That(await FilesAsync(repository), Is.Empty);
    }

    [Test]
    public async Task An_upstream_that_goes_away_in_the_middle_fails_the_task_and_changes_nothing()
    {
        var wheels = Enumerable.Range(0, 40).Select(_ => TestPackage.Wheel(PulpClient.Unique(), "1.0")).ToArray();
        Index.With(wheels);
        foreach (var wheel in wheels[10..])
        {
            Upstream.Faulty($"simple/{wheel.Project}/", Abort);
        }

        Upstream.Faulty("simple/", Abort);

        var (repository, _, task) = await SyncedAsync(
            new { includes = wheels.Select(w => w.Project), download_concurrency = 2 }
        );

        Assert.That((string?)task["state"], Is.EqualTo("failed"));
        Assert.That((string?)task["error"]?["description"], Does.Contain("can't be reached"));
        Assert.That(await FilesAsync(repository), Is.Empty);
    }

    [TestCase("text/html", "<html><a href='https://example.com/'>Welcome</a></html>", "is no list of projects")]
    [TestCase("application/json", "[]", "has no projects")]
    [TestCase("application/octet-stream", "x", "has the media type")]
    [TestCase(
        "application/vnd.pypi.simple.v1+json",
        "{\"meta\":{\"api-version\":\"2.0\"},\"projects\":[]}",
        "version 2.0"
    )]
    public async Task What_is_no_index_is_an_error(string type, string body, string message)
    {
        Upstream.Faulty("simple/", Answer(200, type, body));

        var (_, _, all) = await SyncedAsync();
        var (_, _, named) = await SyncedAsync(new { includes = new[] { PulpClient.Unique() } });

        foreach (var task in new[] { all, named })
        {
            Assert.That((string?)task["state"], Is.EqualTo("failed"), task.ToJsonString());
            Assert.That((string?)task["error"]?["description"], Does.Contain(message));
        }
    }

    [Test]
    public async Task An_address_without_an_index_is_an_error()
    {
        var (_, _, task) = await SyncedAsync(new { includes = new[] { PulpClient.Unique() } });

        Assert.That((string?)task["state"], Is.EqualTo("failed"), task.ToJsonString());
        Assert.That((string?)task["error"]?["description"], Does.Contain("no index of python packages"));
    }

    [Test]
    public async Task A_project_that_an_index_lacks_is_told()
    {
        var there = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        Index.With(there);

        var (repository, _, task) = await SyncedAsync(new { includes = new[] { "no-such", there.Project } });
        var (_, _, alone) = await SyncedAsync(new { includes = new[] { "no-such" } });

        Completed(task);
        Completed(alone);
        Assert.That(Warnings(task, "python.project_missing"), Is.EqualTo(["The index has no project no-such."]));
        Assert.That(await FilesAsync(repository), Is.EqualTo([there.Filename]));
    }

    [Test]
    public async Task Pages_name_no_files_of_the_server()
    {
        var name = PulpClient.Unique();
        Index.With(TestPackage.Wheel(name, "1.0"));
        Index.FilesUrl = "file:///etc/";

        var (repository, _, task) = await SyncedAsync(new { includes = new[] { name } });

        Completed(task);
        Assert.That(await FilesAsync(repository), Is.Empty);
    }

    private static Task Abort(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static Func<HttpContext, Task> Answer(int status, string type, string body) =>
        async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        };
}
