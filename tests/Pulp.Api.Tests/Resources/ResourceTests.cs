namespace Pulp.Api.Tests.Resources;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ResourceTests(Engine engine) : ApiFixture(engine)
{
    private const string Remotes = "remotes/file/file/";

    private static object Remote(string? name = null) =>
        new { name = name ?? PulpClient.Unique(), url = "http://127.0.0.1:1/PULP_MANIFEST" };

    [Test]
    public async Task A_created_resource_is_answered_with_201_and_its_location()
    {
        var answer = await Api.PostAsync(Remotes, Remote());

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(201));
            Assert.That(answer.Headers.Location?.ToString(), Is.EqualTo(answer.Href));
            Assert.That(answer.Headers.GetValues("Correlation-ID").Single(), Has.Length.EqualTo(32));
        });
    }

    [Test]
    public async Task The_answer_has_the_wires_shape()
    {
        var answer = await Api.PostAsync(Remotes, Remote());
        var repository = await Api.GetAsync(await Api.NewRepositoryAsync());
        var (distribution, _) = await Api.NewDistributionAsync(new { repository = repository.Href });

        Snapshot.Matches(
            new JsonObject
            {
                ["remote"] = answer.Json?.DeepClone(),
                ["repository"] = repository.Json?.DeepClone(),
                ["distribution"] = (await Api.GetAsync(distribution)).Json?.DeepClone(),
                ["version"] = (await Api.GetAsync(await Api.LatestAsync(repository.Href))).Json?.DeepClone(),
            }.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true })
        );
    }

    [Test]
    public async Task A_name_that_is_taken_is_refused_at_once_and_under_load()
    {
        var name = PulpClient.Unique();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Api.PostAsync(Remotes, Remote(name))));

        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(a => a.Code == 201), Is.EqualTo(1));
            Assert.That(
                answers.Where(a => a.Code != 201).Select(a => a.Json?["name"]?[0]?.ToString()),
                Has.All.EqualTo("This field must be unique.")
            );
        });
    }

    [Test]
    public async Task Secrets_never_come_back_and_their_presence_is_told()
    {
        var answer = await Api.PostAsync(
            Remotes,
            new
            {
                name = PulpClient.Unique(),
                url = "http://127.0.0.1:1/",
                username = "u5er",
                password = "s3cret",
            }
        );

        var all = answer.Text + (await Api.GetAsync(answer.Href)).Text + (await Api.GetAsync(Remotes)).Text;
        Assert.Multiple(() =>
        {
            Assert.That(all, Does.Not.Contain("s3cret").And.Not.Contain("u5er"));
            Assert.That(
                answer.Json?["hidden_fields"]?.ToJsonString(),
                Does.Contain("{\"name\":\"password\",\"is_set\":true}")
            );
        });
    }

    [Test]
    public async Task An_update_is_a_task_with_the_result_and_one_that_changes_nothing_is_200()
    {
        var remote = (await Api.PostAsync(Remotes, Remote())).Href;

        var task = await Api.CompletedAsync(await Api.PatchAsync(remote, new { policy = "streamed", max_retries = 5 }));
        var same = await Api.PatchAsync(remote, new { policy = "streamed" });
        var cleared = await Api.CompletedAsync(await Api.PatchAsync(remote, new { max_retries = (int?)null }));

        Assert.Multiple(() =>
        {
            Assert.That((string?)task["result"]?["policy"], Is.EqualTo("streamed"));
            Assert.That(same.Code, Is.EqualTo(200));
            Assert.That((int?)same.Json?["max_retries"], Is.EqualTo(5));
            Assert.That(cleared["result"]?["max_retries"], Is.Null);
        });
    }

    [Test]
    public async Task A_deleted_resource_is_404()
    {
        var remote = (await Api.PostAsync(Remotes, Remote())).Href;

        await Api.CompletedAsync(await Api.DeleteAsync(remote));

        var answer = await Api.GetAsync(remote);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(404));
            Assert.That((string?)answer.Json?["detail"], Is.EqualTo("No FileRemote matches the given query."));
        });
    }

    [Test]
    public async Task References_are_taken_as_href_and_as_prn()
    {
        var remote = await Api.PostAsync(Remotes, Remote());

        var byPrn = await Api.PostAsync(
            "repositories/file/file/",
            new { name = PulpClient.Unique(), remote = (string?)remote.Json?["prn"] }
        );
        var wrong = await Api.PostAsync(
            "repositories/file/file/",
            new { name = PulpClient.Unique(), remote = "/pulp/api/v3/tasks/x/" }
        );
        var gone = await Api.PostAsync(
            "repositories/file/file/",
            new
            {
                name = PulpClient.Unique(),
                remote = "/pulp/api/v3/remotes/file/file/01900000-0000-7000-8000-000000000009/",
            }
        );

        Assert.Multiple(() =>
        {
            Assert.That((string?)byPrn.Json?["remote"], Is.EqualTo(remote.Href));
            Assert.That(wrong.Json?["remote"]?[0]?.ToString(), Is.EqualTo("Invalid hyperlink - No URL match."));
            Assert.That(gone.Json?["remote"]?[0]?.ToString(), Is.EqualTo("Invalid hyperlink - Object does not exist."));
        });
    }

    [TestCase("null")]
    [TestCase("\"\"")]
    public async Task A_reference_is_cleared_with_null_and_with_empty_text(string nothing)
    {
        var remote = (await Api.PostAsync(Remotes, Remote())).Href;
        var repository = await Api.NewRepositoryAsync(new { remote });

        await Api.CompletedAsync(await Api.RawAsync(HttpMethod.Patch, repository, $"{{\"remote\": {nothing}}}"));

        Assert.That((await Api.GetAsync(repository)).Json?["remote"], Is.Null);
    }

    [Test]
    public async Task Labels_are_set_and_unset_one_by_one()
    {
        var repository = await Api.NewRepositoryAsync();

        var set = await Api.PostAsync(repository + "set_label/", new { key = "a b.c-d", value = "1" });
        await Api.PostAsync(repository + "set_label/", new { key = "other", value = (string?)null });
        var both = await Api.GetAsync(repository);
        var unset = await Api.PostAsync(repository + "unset_label/", new { key = "a b.c-d" });
        var bad = await Api.PostAsync(repository + "set_label/", new { key = "a$", value = "1" });

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(set.Code, Is.EqualTo(201));
            Assert.That(both.Json?["pulp_labels"]?.AsObject().Count, Is.EqualTo(2));
            Assert.That((string?)unset.Json?["value"], Is.EqualTo("1"));
            Assert.That(
                (await Api.GetAsync(repository)).Json?["pulp_labels"]?.ToJsonString(),
                Is.EqualTo("{\"other\":null}")
            );
            Assert.That(bad.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Forms_are_accepted_too()
    {
        using var form = new FormUrlEncodedContent([
            new("name", PulpClient.Unique()),
            new("url", "http://x/"),
            new("max_retries", "3"),
            new("tls_validation", "false"),
        ]);

        var answer = await Api.SendContentAsync(HttpMethod.Post, Remotes, form);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(201));
            Assert.That((int?)answer.Json?["max_retries"], Is.EqualTo(3));
            Assert.That((bool?)answer.Json?["tls_validation"], Is.False);
        });
    }
}
