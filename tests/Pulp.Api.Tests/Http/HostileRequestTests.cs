using System.Globalization;
using System.Text.Json;

namespace Pulp.Api.Tests.Http;

/// <summary>
/// Every operation of the API document against hostile values in its path, query and body, in every form it takes: whatever comes,
/// it is the client's fault and answered as such, and no task that it started breaks for a reason nobody foresaw.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class HostileRequestTests(Engine engine) : ApiFixture(engine)
{
    private const int RequestsForEach = 20;
    private readonly Dictionary<string, string> _hrefs = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly HashSet<string> _tasks = [];
    private readonly Dictionary<int, int> _answers = [];
    private HostileValues _values = new(new Random(0), []);
    private JsonNode _document = new JsonObject();

    /// <summary>One is enough for every day; PULP_TEST_SEEDS=2,3,4 looks further.</summary>
    private static IEnumerable<int> Seeds() =>
        (Environment.GetEnvironmentVariable("PULP_TEST_SEEDS") ?? "1")
            .Split(',')
            .Select(s => int.Parse(s, CultureInfo.InvariantCulture));

    [Test]
    public async Task Nothing_a_client_sends_is_the_servers_failure([ValueSource(nameof(Seeds))] int seed)
    {
        _document = (await Api.GetAsync("docs/api.json")).Json ?? new JsonObject();
        await PrepareAsync();
        _values = new HostileValues(new Random(seed), [.. _hrefs.Values]);

        var asked = 0;
        foreach (var (path, item) in _document["paths"]?.AsObject() ?? [])
        {
            foreach (var (method, operation) in item?.AsObject() ?? [])
            {
                // Whoever changes its own account isn't known any more by the name that this one uses.
                if (path.EndsWith("/login/", StringComparison.Ordinal) && method == "patch")
                {
                    continue;
                }

                for (var i = 0; i < RequestsForEach && operation is not null; i++, asked++)
                {
                    await AskAsync(path, method, operation);
                }
            }
        }

        foreach (var task in _tasks)
        {
            var end = await Api.EndOfAsync(task);
            if (((string?)end["error"]?["description"])?.Contains("internal error", StringComparison.Ordinal) == true)
            {
                _faults.Add($"task {end["name"]}: {end["error"]?.ToJsonString()}");
            }
        }

        await TestContext.Out.WriteLineAsync(
            string.Join(", ", _answers.OrderBy(a => a.Key).Select(a => $"{a.Key}: {a.Value}"))
        );
        Assert.That(asked, Is.GreaterThan(90 * RequestsForEach));
        Assert.That(_answers.Keys, Is.SupersetOf(new[] { 200, 201, 202, 400, 404 }));
        Assert.That(_tasks, Is.Not.Empty);
        Assert.That(_faults, Is.Empty, string.Join('\n', _faults));
    }

    /// <summary>One resource of each kind, so that requests get further than to a missing one.</summary>
    private async Task PrepareAsync()
    {
        Upstream.With("a.txt", "a").Listed();
        var (repository, remote) = await SyncedAsync("on_demand");
        var unit = await Api.NewFileAsync(PulpClient.Unique(), PulpClient.Unique());
        var publication = await Api.NewPublicationAsync(new { repository });
        var (distribution, _) = await Api.NewDistributionAsync(new { repository });
        var source = await Api.PostAsync("acs/file/file/", new { name = PulpClient.Unique(), remote });
        var user = await Api.PostAsync(
            "users/",
            new { username = PulpClient.Unique(), password = "Yeech6ba-and-more" }
        );
        var task = (await Api.GetAsync("tasks/?limit=1")).Results[0];
        var worker = (await Api.GetAsync("workers/?limit=1")).Results[0];
        _hrefs["file_file_repository_href"] = repository;
        _hrefs["file_file_repository_version_href"] = await Api.LatestAsync(repository);
        _hrefs["file_file_remote_href"] = remote;
        _hrefs["file_file_content_href"] = unit;
        _hrefs["file_file_publication_href"] = publication;
        _hrefs["file_file_distribution_href"] = distribution;
        _hrefs["file_file_alternate_content_source_href"] = source.Href;
        _hrefs["artifact_href"] = (string?)(await Api.GetAsync(unit)).Json?["artifact"] ?? "";
        _hrefs["upload_href"] = (await Api.PostAsync("uploads/", new { size = 5 })).Href;
        _hrefs["auth_user_href"] = user.Href;
        _hrefs["user_href"] = user.Href;
        _hrefs["task_href"] = (string?)task["pulp_href"] ?? "";
        _hrefs["worker_href"] = (string?)worker["pulp_href"] ?? "";
    }

    private async Task AskAsync(string path, string method, JsonNode operation)
    {
        var url = Address(path, method) + Query(operation);
        using var content = Body(operation);
        if (operation["operationId"]?.ToString() == "uploads_update")
        {
            var range = _values.Sometimes(50) ? "bytes 0-4/5" : $"bytes {_values.Text()}-{_values.Text()}/5";
            content?.Headers.TryAddWithoutValidation("Content-Range", Printable(range));
        }

        using var response = await SendAsync(method, url, content);
        var text = await response.Content.ReadAsStringAsync();
        _answers[(int)response.StatusCode] = _answers.GetValueOrDefault((int)response.StatusCode) + 1;
        if ((int)response.StatusCode >= 500)
        {
            var sent = content is null ? "" : await content.ReadAsStringAsync();
            _faults.Add($"{(int)response.StatusCode} {method} {Shorten(url)} <- {Shorten(sent)}");
        }
        else if (response.StatusCode == HttpStatusCode.Accepted && JsonNode.Parse(text)?["task"] is { } task)
        {
            _tasks.Add(task.ToString());
        }
    }

    /// <summary>
    /// An address that the web server refuses (a NUL in its path) is answered before the body is read, and the connection closed. Whoever is still
    /// sending a long body then may learn of the closed connection before the answer: the same address without a body gets it.
    /// </summary>
    private async Task<HttpResponseMessage> SendAsync(string method, string url, HttpContent? content)
    {
        try
        {
            return await Api.Http.SendAsync(Request(method, url, content));
        }
        catch (HttpRequestException e) when (content is not null && e.InnerException is IOException)
        {
            var response = await Api.Http.SendAsync(Request(method, url, null));
            Assert.That(
                (int)response.StatusCode,
                Is.InRange(400, 499),
                $"{method} {Shorten(url)} ended with {e.Message}"
            );
            return response;
        }
    }

    private HttpRequestMessage Request(string method, string url, HttpContent? content) =>
        new(new HttpMethod(method.ToUpperInvariant()), "/")
        {
            Content = content,
            RequestUri = new Uri(
                Server.Url + url,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
            ),
        };

    private string Address(string path, string method)
    {
        var name = path.StartsWith('{') ? path[1..path.IndexOf('}')] : "";
        if (name.Length == 0)
        {
            return path;
        }

        // What is deleted is missing for those that follow.
        var href =
            _values.Sometimes(80) && method != "delete" && _hrefs.TryGetValue(name, out var known)
                ? known
                : _values.One<Func<string>>([
                    () => $"/pulp/api/v3/repositories/file/file/{Uri.EscapeDataString(Printable(_values.Text()))}/",
                    () => $"/pulp/api/v3/tasks/{Guid.NewGuid()}/",
                    () => $"/pulp/api/v3/users/{long.MaxValue}0/",
                    () => "/pulp/api/v3/../../status/",
                    () => "/pulp/api/v3/%ED%A0%80/",
                    () => $"{_hrefs["file_file_repository_href"]}versions/{Uri.EscapeDataString(_values.Text())}/",
                ])();
        return href + path[(path.IndexOf('}') + 1)..];
    }

    private string Query(JsonNode operation)
    {
        var known = (operation["parameters"]?.AsArray() ?? [])
            .Where(p => (string?)p?["in"] == "query")
            .Select(p => (string?)p?["name"] ?? "")
            .ToList();
        if (known.Count == 0)
        {
            return _values.Sometimes(10) ? "?%00=%ff&fields=%ED%A0%80" : "";
        }

        var chosen = Enumerable
            .Range(0, 1 + (_values.Sometimes(30) ? 1 : 0))
            .Select(_ => $"{_values.One(known)}={Uri.EscapeDataString(_values.Text())}");
        return "?" + string.Join('&', chosen);
    }

    private HttpContent? Body(JsonNode operation)
    {
        if (operation["requestBody"]?["content"]?.AsObject() is not { } forms)
        {
            return null;
        }

        var (form, content) = _values.One([.. forms]);
        var schema = ((string?)content?["schema"]?["$ref"])?.Split('/')[^1] ?? "";
        var members = (_document["components"]?["schemas"]?[schema]?["properties"]?.AsObject() ?? [])
            .Where(p => _values.Sometimes(60))
            .ToDictionary(p => p.Key, p => Sensible(p.Key) is { } value && _values.Sometimes(60) ? value : null);
        if (_values.Sometimes(5))
        {
            members["\u00fcnexpected"] = null;
        }

        return form switch
        {
            "application/json" => JsonBody(members),
            "multipart/form-data" => MultipartBody(members),
            _ => new FormUrlEncodedContent(members.Select(m => KeyValuePair.Create(m.Key, m.Value ?? _values.Text()))),
        };
    }

    private StringContent JsonBody(Dictionary<string, string?> members)
    {
        var pairs = members.Select(m =>
            $"{JsonSerializer.Serialize(m.Key)}: {(m.Value is { } text ? JsonSerializer.Serialize(text) : _values.AsJson())}"
        );
        var json = _values.Sometimes(5) ? _values.AsJson() : $"{{{string.Join(", ", pairs)}}}";
        return new StringContent(
            _values.Sometimes(3) ? json[..(json.Length / 2)] : json,
            Encoding.UTF8,
            "application/json"
        );
    }

    private MultipartFormDataContent MultipartBody(Dictionary<string, string?> members)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in members)
        {
            if (name == "file" && _values.Sometimes(70))
            {
                form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value ?? "12345")), name, "f");
            }
            else
            {
                form.Add(new StringContent(value ?? _values.Text()), name);
            }
        }

        return form;
    }

    /// <summary>What gets a request past the first look at a member; null where anything does.</summary>
    private string? Sensible(string member) =>
        member switch
        {
            "name" or "base_path" or "relative_path" or "username" => PulpClient.Unique(),
            "url" => Upstream.Manifest,
            "remote" => _hrefs["file_file_remote_href"],
            "repository" => _hrefs["file_file_repository_href"],
            "repository_version" or "base_version" => _hrefs["file_file_repository_version_href"],
            "publication" => _hrefs["file_file_publication_href"],
            "upload" => _hrefs["upload_href"],
            "artifact" => _hrefs["artifact_href"],
            "policy" => "on_demand",
            "password" => "Yeech6ba-and-more",
            "size" => "5",
            "key" => "label",
            _ => null,
        };

    private static string Printable(string text) => new([.. text.Where(c => c is > ' ' and < '\u007f')]);

    private static string Shorten(string text) => text.Length > 400 ? text[..400] + "…" : text;
}
