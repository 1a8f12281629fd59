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

    [TestCase("{}", "name", "This field is required.")]
    [TestCase("{\"name\": null, \"url\": \"http://x/\"}", "name", "This field may not be null.")]
    [TestCase("{\"name\": \" \", \"url\": \"http://x/\"}", "name", "This field may not be blank.")]
    [TestCase("{\"name\": [], \"url\": \"http://x/\"}", "name", "Not a valid string.")]
    [TestCase("{\"name\": \"n\\u0000\", \"url\": \"http://x/\"}", "name", "Null characters are not allowed.")]
    [TestCase("{\"name\": \"n\\ud800\", \"url\": \"http://x/\"}", "name", "Surrogate characters are not allowed.")]
    [TestCase("{\"name\": \"n\", \"url\": \"http://x/\", \"bogus\": 1}", "bogus", "Unexpected field")]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"policy\": \"never\"}",
        "policy",
        "\"never\" is not a valid choice."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"tls_validation\": \"maybe\"}",
        "tls_validation",
        "Must be a valid boolean."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"max_retries\": \"x\"}",
        "max_retries",
        "A valid integer is required."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"total_timeout\": 1e999}",
        "total_timeout",
        "A valid number is required."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"total_timeout\": -1}",
        "total_timeout",
        "Ensure this value is greater than or equal to 0."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"headers\": [{\"a\": 1e999}]}",
        "headers",
        "A valid number is required."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"headers\": {}}",
        "headers",
        "Expected a list of items but got type \"dict\"."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"pulp_labels\": []}",
        "pulp_labels",
        "Expected a dictionary of items but got type \"list\"."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"ftp://x/\"}",
        "url",
        "The remote url must use http://, https:// or file://."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://u:p@x/\"}",
        "url",
        "The remote url may not contain credentials; use 'username' and 'password'."
    )]
    [TestCase("[]", "non_field_errors", "Invalid data. Expected a dictionary, but got list.")]
    public async Task Bad_input_is_400_with_the_field_and_the_message(string json, string field, string message)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, Remotes, json);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?[field]?[0]?.ToString(), Is.EqualTo(message));
        });
    }

    [Test]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var answer = await Api.RawAsync(
            HttpMethod.Post,
            Remotes,
            "{\"policy\": \"x\", \"max_retries\": \"x\", \"bogus\": 1}"
        );

        Assert.That(
            answer.Json?.AsObject().Select(m => m.Key),
            Is.EquivalentTo(new[] { "name", "url", "policy", "max_retries", "bogus" })
        );
    }

    [TestCase("{")]
    [TestCase("nonsense")]
    public async Task Unreadable_json_is_400(string json)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, Remotes, json);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That((string?)answer.Json?["detail"], Does.StartWith("JSON parse error"));
        });
    }

    [Test]
    public async Task Endlessly_nested_json_is_400()
    {
        var json = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);

        Assert.That((await Api.RawAsync(HttpMethod.Post, Remotes, json)).Code, Is.EqualTo(400));
    }

    [Test]
    public async Task Another_media_type_is_415_and_another_method_405()
    {
        var type = await Api.SendContentAsync(
            HttpMethod.Post,
            Remotes,
            new StringContent("x", Encoding.UTF8, "text/plain")
        );
        var method = await Api.SendAsync(HttpMethod.Put, Remotes, new { });

        Assert.Multiple(() =>
        {
            Assert.That(type.Code, Is.EqualTo(415));
            Assert.That(method.Code, Is.EqualTo(405));
            Assert.That((string?)method.Json?["detail"], Is.EqualTo("Method \"PUT\" not allowed."));
        });
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

    [TestCase("one", "one/below", true)]
    [TestCase("one/below", "one", true)]
    [TestCase("one", "one2", false)]
    [TestCase("one", "one-x/y", false)]
    public async Task Base_paths_may_not_lie_inside_each_other(string first, string second, bool overlaps)
    {
        var prefix = PulpClient.Unique();
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/file/file/",
                new { name = PulpClient.Unique(), base_path = $"{prefix}/{first}" }
            )
        );

        var answer = await Api.PostAsync(
            "distributions/file/file/",
            new { name = PulpClient.Unique(), base_path = $"{prefix}/{second}" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(overlaps ? 400 : 202));
            Assert.That(
                (string?)answer.Json?["base_path"]?["base_path"],
                overlaps ? Does.StartWith("Overlaps with existing distribution '") : Is.Null
            );
        });
    }

    [TestCase("/abs")]
    [TestCase("a/../b")]
    [TestCase("a//b")]
    [TestCase("sp ace")]
    public async Task Base_paths_that_trick_are_refused(string path)
    {
        var answer = await Api.PostAsync(
            "distributions/file/file/",
            new { name = PulpClient.Unique(), base_path = path }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["base_path"]?[0], Is.Not.Null);
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
