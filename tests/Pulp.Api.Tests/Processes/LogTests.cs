using System.Text.RegularExpressions;

namespace Pulp.Api.Tests.Processes;

/// <summary>What the log says of requests and tasks, and how it can be followed from one to the other.</summary>
public sealed class LogTests
{
    private const string Id = "6a1f0c8e5b2d4e7f9a3b1c0d2e4f6a8b";
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-log-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    [Test]
    public async Task A_request_of_the_API_is_one_line_with_what_it_cost_and_who_asked()
    {
        await using var server = await ServerProcess.ServeAsync(_data, "");

        var answer = await SendAsync(server, HttpMethod.Get, "/pulp/api/v3/repositories/?name=a%0Ab");
        var line = await server.LineAsync(l => l.Contains("Pulp.Requests", StringComparison.Ordinal));

        Assert.That(
            line,
            Does.Match(
                @$"^\d{{4}}-\d\d-\d\dT[\d:.]+Z info: Pulp\.Requests \[{Id}\] GET /pulp/api/v3/repositories/ 200 "
                    + @$"{Encoding.UTF8.GetByteCount(answer.Text)} B \d+\.\d ms admin 127\.0\.0\.1$"
            )
        );
    }

    [Test]
    public async Task A_task_carries_its_requests_id_and_tells_its_name_and_what_it_has_reserved()
    {
        await using var server = await ServerProcess.ServeAsync(_data, "");
        var repository = await server.Api.NewRepositoryAsync();
        var prn = (string?)(await server.Api.GetAsync(repository)).Json?["prn"];

        var sent = await SendAsync(server, HttpMethod.Delete, repository);
        var task = await server.Api.EndOfAsync(sent.Task);
        var name = Regex.Escape((string?)task["name"] ?? "");
        var id = sent.Task.TrimEnd('/').Split('/')[^1];

        var start = await server.LineAsync(l =>
            l.Contains($"{id} (", StringComparison.Ordinal) && l.Contains("starts")
        );
        var end = await server.LineAsync(l =>
            l.Contains($"{id} (", StringComparison.Ordinal) && l.Contains("completed")
        );
        Assert.Multiple(() =>
        {
            Assert.That((string?)task["logging_cid"], Is.EqualTo(Id));
            Assert.That(
                start,
                Does.Match(@$"info: \S+ \[{Id}\] Task {id} \({name}\) starts; it has reserved \[{prn}\]$")
            );
            Assert.That(
                end,
                Does.Match(@$"info: \S+ \[{Id}\] Task {id} \({name}\) completed; it had reserved \[{prn}\]$")
            );
        });
    }

    [Test]
    public async Task As_json_every_line_is_an_object_with_the_correlation_id()
    {
        await using var server = await ServerProcess.ServeAsync(_data, "", "--log-format", "json");

        await SendAsync(server, HttpMethod.Get, "/pulp/api/v3/status/");
        var line = await server.LineAsync(l => l.Contains("Pulp.Requests", StringComparison.Ordinal));

        var entry = JsonNode.Parse(line);
        Assert.Multiple(() =>
        {
            foreach (var other in server.Lines)
            {
                Assert.That(() => JsonNode.Parse(other), Throws.Nothing, other);
            }

            Assert.That((string?)entry?["State"]?["Path"], Is.EqualTo("/pulp/api/v3/status/"));
            Assert.That((int?)entry?["State"]?["Status"], Is.EqualTo(200));
            Assert.That(entry?["Scopes"]?.AsArray().Select(s => (string?)s?["CorrelationId"]), Has.Some.EqualTo(Id));
        });
    }

    [Test]
    public async Task Requests_for_content_are_logged_when_wanted_and_by_the_address_that_the_proxy_tells()
    {
        await using var server = await ServerProcess.ServeAsync(_data, "", "--request-log", "all");

        await SendAsync(
            server,
            HttpMethod.Get,
            "/pulp/content/none/a%0Ab",
            r => r.Headers.Add("X-Forwarded-For", "203.0.113.9")
        );
        var line = await server.LineAsync(l => l.Contains("Pulp.Requests", StringComparison.Ordinal));

        Assert.That(line, Does.Match(@$"\[{Id}\] GET /pulp/content/none/a%0Ab 404 14 B \d+\.\d ms - 203\.0\.113\.9$"));
    }

    [TestCase("none", 0)]
    [TestCase("api", 1)]
    public async Task Requests_that_are_not_wanted_are_not_logged(string setting, int lines)
    {
        await using var server = await ServerProcess.ServeAsync(_data, "", "--request-log", setting);

        await server.Api.GetAsync("/pulp/content/none");
        await server.Api.GetAsync("status/");
        await server.TerminateAsync();

        await server.EndAsync();
        Assert.That(server.Lines.Count(l => l.Contains("Pulp.Requests", StringComparison.Ordinal)), Is.EqualTo(lines));
    }

    [Test]
    public async Task A_repair_names_the_files_that_are_gone_or_damaged()
    {
        await using var server = await ServerProcess.ServeAsync(_data, "");
        var files = new List<string>();
        foreach (var name in new[] { "gone", "damaged" })
        {
            var unit = await server.Api.GetAsync(await server.Api.NewFileAsync(name, name));
            files.Add((string?)(await server.Api.GetAsync((string?)unit.Json?["artifact"] ?? "")).Json?["file"] ?? "");
        }

        File.Delete(Path.Combine(_data, "media", files[0]));
        await File.WriteAllTextAsync(Path.Combine(_data, "media", files[1]), "DAMAGED");
        await server.Api.CompletedAsync(await server.Api.PostAsync("repair/"));

        foreach (var file in files)
        {
            await server.LoggedAsync($"The file {file} of artifact");
        }

        Assert.Multiple(() =>
        {
            Assert.That(server.Lines, Has.One.Match($"warn: .*{files[0]} of artifact .* is missing"));
            Assert.That(server.Lines, Has.One.Match($"warn: .*{files[1]} of artifact .* is damaged"));
        });
    }

    private static Task<Answer> SendAsync(
        ServerProcess server,
        HttpMethod method,
        string path,
        Action<HttpRequestMessage>? with = null
    ) =>
        server.Api.SendContentAsync(
            method,
            path,
            content: null,
            r =>
            {
                r.Headers.Add("Correlation-ID", Id);
                with?.Invoke(r);
            }
        );
}
