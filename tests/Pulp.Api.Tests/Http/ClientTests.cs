namespace Pulp.Api.Tests.Http;

/// <summary>What real clients rely on, in the shapes of the original's answers.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ClientTests(Engine engine) : ApiFixture(engine)
{
    [Test]
    public async Task Tasks_whose_product_is_another_resource_have_no_result()
    {
        var bytes = Encoding.UTF8.GetBytes(PulpClient.Unique());
        var upload = (await Api.PostAsync("uploads/", new { size = bytes.Length })).Href;
        await Api.SendContentAsync(
            HttpMethod.Put,
            upload,
            PulpClient.Form(bytes, null),
            request =>
                request.Content?.Headers.TryAddWithoutValidation(
                    "Content-Range",
                    $"bytes 0-{bytes.Length - 1}/{bytes.Length}"
                )
        );
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        var repository = await Api.NewRepositoryAsync();
        var unit = await Api.NewFileAsync(PulpClient.Unique(), "x");

        var commit = await Api.CompletedAsync(await Api.PostAsync(upload + "commit/", new { sha256 }));
        var modify = await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
        );

        Assert.Multiple(() =>
        {
            Assert.That(commit["result"], Is.Null);
            Assert.That((string?)commit["created_resources"]?[0], Does.Contain("/artifacts/"));
            Assert.That(modify["result"], Is.Null);
            Assert.That((string?)modify["created_resources"]?[0], Does.Contain("/versions/1/"));
        });
    }

    [Test]
    public async Task Labels_come_with_an_upload_as_JSON_text()
    {
        var labels = new { relative_path = PulpClient.Unique(), pulp_labels = "{\"a\": \"b\"}" };
        var bad = new { relative_path = PulpClient.Unique(), pulp_labels = "{\"a\": [1]}" };

        var task = await Api.EndOfAsync((await Api.UploadAsync("content/file/files/", [1], labels)).Task);
        var refused = await Api.UploadAsync("content/file/files/", [1], bad);
        var unread = await Api.UploadAsync(
            "content/file/files/",
            [1],
            new { relative_path = "x", pulp_labels = "nonsense" }
        );

        Assert.Multiple(() =>
        {
            Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
            Assert.That((string?)task["result"]?["pulp_labels"]?["a"], Is.EqualTo("b"));
            Assert.That(refused.Code, Is.EqualTo(400), "before any task");
            Assert.That(refused.Json?["pulp_labels"], Is.Not.Null);
            Assert.That(unread.Json?["pulp_labels"], Is.Not.Null);
        });
    }

    [Test]
    public async Task A_form_clears_and_sets_what_is_no_text_through_a_task_too()
    {
        var repository = await Api.NewRepositoryAsync(new { retain_repo_versions = 3 });
        FormUrlEncodedContent Form(string value) => new([new("retain_repo_versions", value)]);

        await Api.CompletedAsync(await Api.SendContentAsync(HttpMethod.Patch, repository, Form("")));
        var cleared = await Api.GetAsync(repository);
        await Api.CompletedAsync(await Api.SendContentAsync(HttpMethod.Patch, repository, Form("5")));
        var set = await Api.GetAsync(repository);

        Assert.Multiple(() =>
        {
            Assert.That(cleared.Json?["retain_repo_versions"], Is.Null);
            Assert.That((int?)set.Json?["retain_repo_versions"], Is.EqualTo(5));
        });
    }

    [Test]
    public async Task A_key_is_taken_as_it_is_and_certificates_are_parsed()
    {
        // As the client's own tests have it: a key that only looks like one.
        const string Key =
            "-----BEGIN RSA PRIVATE KEY-----\nlooks vaguely like a key==\n-----END RSA PRIVATE KEY-----\n";

        var key = await Api.PostAsync(
            "remotes/file/file/",
            new
            {
                name = PulpClient.Unique(),
                url = "http://x/y",
                client_key = Key,
            }
        );
        var certificate = await Api.PostAsync(
            "remotes/file/file/",
            new
            {
                name = PulpClient.Unique(),
                url = "http://x/y",
                client_cert = Key,
            }
        );

        Assert.Multiple(() =>
        {
            Assert.That(key.Code, Is.EqualTo(201), key.Text);
            Assert.That(certificate.Json?["client_cert"], Is.Not.Null);
        });
    }

    [TestCase("max_retries", 1000L)]
    [TestCase("max_retries", -1L)]
    [TestCase("download_concurrency", 5000L)]
    [TestCase("rate_limit", -5L)]
    [TestCase("rate_limit", 0L)]
    [TestCase("max_retries", long.MaxValue)]
    [TestCase("download_concurrency", long.MaxValue)]
    [TestCase("total_timeout", long.MaxValue)]
    public async Task Numbers_that_the_wire_does_not_bound_are_taken_and_work(string field, long value)
    {
        Upstream.With("a.txt", "a").Listed();
        var (repository, _) = await SyncedAsync(remote: new Dictionary<string, object> { [field] = value });

        Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.EqualTo(new[] { "a.txt" }));
    }

    [Test]
    public async Task Lists_can_ask_for_those_without_a_remote()
    {
        var prefix = PulpClient.Unique();
        var remote = await Api.NewRemoteAsync("http://x/y");
        await Api.NewRepositoryAsync(new { name = prefix + "with", remote });
        await Api.NewRepositoryAsync(new { name = prefix + "without" });

        async Task<string> NamesAsync(string filter) =>
            string.Join(
                ' ',
                (await Api.GetAsync($"repositories/file/file/?name__startswith={prefix}&{filter}")).Results.Select(r =>
                    ((string?)r["name"])?[prefix.Length..]
                )
            );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await NamesAsync("remote=null"), Is.EqualTo("without"));
            Assert.That(await NamesAsync("remote="), Is.EqualTo("without"));
            Assert.That(await NamesAsync("q=remote%3Dnull"), Is.EqualTo("without"));
            Assert.That(await NamesAsync($"remote={remote}"), Is.EqualTo("with"));
            Assert.That(await NamesAsync("page_size=1&minimal=true"), Is.EqualTo("without with"));
        });
    }

    [Test]
    public async Task Minimal_tasks_have_the_few_members_that_clients_poll_for()
    {
        await Api.EndOfAsync((await Api.PostAsync("orphans/cleanup/")).Task);

        var list = await Api.GetAsync("tasks/?minimal=true&limit=1");
        var one = await Api.GetAsync((string?)list.Results[0]["pulp_href"] + "?minimal=True");
        var whole = await Api.GetAsync("tasks/?minimal=false&limit=1");

        string[] few =
        [
            "finished_at",
            "name",
            "prn",
            "pulp_created",
            "pulp_href",
            "pulp_last_updated",
            "started_at",
            "state",
            "unblocked_at",
            "worker",
        ];
        Assert.Multiple(() =>
        {
            Assert.That(list.Results[0].AsObject().Select(m => m.Key).Order(), Is.EqualTo(few));
            Assert.That(one.Json?.AsObject().Select(m => m.Key).Order(), Is.EqualTo(few));
            Assert.That(whole.Results[0].AsObject(), Has.Count.GreaterThan(few.Length));
        });
    }

    [Test]
    public async Task What_is_wrong_but_no_fields_fault_is_a_bare_list()
    {
        var repository = await Api.NewRepositoryAsync();
        var gone = "/pulp/api/v3/repositories/file/file/00000000-0000-0000-0000-000000000000/versions/1/";

        var filter = await Api.GetAsync($"content/file/files/?repository_version={gone}");
        var empty = await Api.GetAsync("content/file/files/?repository_version=");
        var selector = await Api.GetAsync("repositories/?pulp_label_select=%23");
        var last = await Api.DeleteAsync($"{repository}versions/0/");

        Assert.Multiple(() =>
        {
            Assert.That(
                filter.Json?.AsArray().Single()?.ToString(),
                Does.EndWith("not found for repository version ref.")
            );
            Assert.That(empty.Json?.AsArray().Single()?.ToString(), Does.StartWith("No value supplied"));
            Assert.That(selector.Json?.AsArray().Single()?.ToString(), Is.EqualTo("Invalid search term: '#'."));
            Assert.That(last.Json?.AsArray().Single()?.ToString(), Does.StartWith("Cannot delete repository version."));
        });
    }

    [Test]
    public async Task A_label_that_is_not_there_can_not_be_unset()
    {
        var repository = await Api.NewRepositoryAsync();

        var answer = await Api.PostAsync(repository + "unset_label/", new { key = "absent" });

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That((string?)answer.Json?["key"]?[0], Is.EqualTo("Label 'absent' is not set on the object."));
        });
    }

    [Test]
    public async Task Digests_and_sizes_that_do_not_fit_concern_no_single_field()
    {
        var digest = await Api.UploadAsync("artifacts/", [1], new { sha256 = new string('0', 64) });
        var size = await Api.UploadAsync("artifacts/", [1], new { size = 2 });
        var forbidden = await Api.UploadAsync("artifacts/", [1], new { md5 = new string('0', 32) });

        Assert.That(
            new[] { digest, size, forbidden }.Select(a => (a.Code, a.Json?["non_field_errors"] is not null)),
            Is.All.EqualTo((400, true))
        );
    }

    [Test]
    public async Task Only_reading_an_upload_shows_its_chunks()
    {
        var created = await Api.PostAsync("uploads/", new { size = 3 });

        var read = await Api.GetAsync(created.Href);
        var list = await Api.GetAsync("uploads/?limit=1");

        Assert.Multiple(() =>
        {
            Assert.That(created.Json?.AsObject().ContainsKey("chunks"), Is.False);
            Assert.That(read.Json?["chunks"]?.AsArray(), Is.Empty);
            Assert.That(list.Results[0].AsObject().ContainsKey("chunks"), Is.False);
        });
    }
}
