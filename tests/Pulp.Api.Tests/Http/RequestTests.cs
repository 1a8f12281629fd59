using System.Net.Sockets;

namespace Pulp.Api.Tests.Http;

/// <summary>Requests that can't be read, or say what can't be meant: the client's fault, and answered as such.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class RequestTests(Engine engine) : ApiFixture(engine)
{
    private const string Files = "/pulp/api/v3/content/file/files/upload/";

    /// <summary>Sends a request's bytes as they are and answers the status line.</summary>
    private async Task<string> RawAsync(string path, string headers, string body)
    {
        var url = new Uri(Server.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        await using var stream = client.GetStream();
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{TestServer.Password}"));
        var request =
            $"POST {path} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Basic {login}\r\nConnection: close\r\n{headers}\r\n\r\n{body}";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync() ?? "";
    }

    [TestCase("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\ncut")]
    [TestCase("--b\r\nContent-Disposition: form-data; name=\"relative_path\"\r\n\r\ncut")]
    [TestCase("--b\r\nContent-Disposition: form-da")]
    [TestCase("no boundary at all")]
    public async Task A_multipart_body_that_is_cut_is_the_clients_fault(string body)
    {
        var headers = $"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {body.Length}";

        Assert.That(await RawAsync(Files, headers, body), Is.EqualTo("HTTP/1.1 400 Bad Request"));
    }

    [TestCase("multipart/form-data; boundary=b", "FFFFFFFFFFFFFFFFF")]
    [TestCase("application/json", "FFFFFFFFFFFFFFFFF")]
    [TestCase("application/json", "nonsense")]
    [TestCase("application/x-www-form-urlencoded", "nonsense")]
    public async Task A_chunk_of_a_senseless_size_is_the_clients_fault(string type, string size)
    {
        var headers = $"Content-Type: {type}\r\nTransfer-Encoding: chunked";

        Assert.That(
            await RawAsync(Files, headers, $"{size}\r\n--b\r\n"),
            Does.StartWith("HTTP/1.1 4"),
            $"{type} {size}"
        );
    }

    [TestCase("bytes 0-9/999999999999999999999999")]
    [TestCase("bytes 0-99999999999999999999999999/*")]
    [TestCase("bytes 999999999999999990-999999999999999999/*")]
    public async Task A_content_range_beyond_all_sizes_is_refused(string range)
    {
        var upload = (await Api.PostAsync("uploads/", new { size = 10 })).Href;

        var answer = await Api.SendContentAsync(
            HttpMethod.Put,
            upload,
            PulpClient.Form(new byte[10], null),
            request => request.Content?.Headers.TryAddWithoutValidation("Content-Range", range)
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["non_field_errors"], Is.Not.Null);
        });
    }

    [Test]
    public async Task What_only_looks_like_a_reference_is_refused()
    {
        foreach (var text in new[] { "/pulp/api/v3/", "/pulp/api/v3", "/", "//", "prn:", "prn:::", "http://x" })
        {
            var body = await Api.PostAsync(
                "repositories/file/file/",
                new { name = PulpClient.Unique(), remote = text }
            );
            var filter = await Api.GetAsync($"repositories/?remote={Uri.EscapeDataString(text)}");
            var modify = await Api.PostAsync(
                await Api.NewRepositoryAsync() + "modify/",
                new { add_content_units = new[] { text } }
            );

            Assert.That(new[] { body.Code, filter.Code, modify.Code }, Is.All.EqualTo(400), text);
        }
    }

    [TestCase("{\"name\": \"n\", \"remote\": null, \"last_refreshed\": \"\\ud800\"}", "last_refreshed")]
    [TestCase("{\"name\": \"\\udc00\"}", "name")]
    [TestCase("{\"name\": \"a\\u0000\"}", "name")]
    [TestCase("{\"name\": \"n\", \"paths\": [\"\\ud800\"]}", "paths")]
    [TestCase("{\"name\": \"n\", \"paths\": [{\"x\": \"\\u0000\"}]}", "paths")]
    public async Task Text_that_nothing_can_hold_is_refused_by_the_name_of_its_field(string json, string field)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, "acs/file/file/", json);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?[field]?.ToJsonString(), Does.Contain("characters are not allowed"));
        });
    }

    [TestCase("limit=1%00&name=a")]
    [TestCase("name=a%00")]
    [TestCase("name__in=a,b%00")]
    [TestCase("retain_repo_versions=1%00")]
    [TestCase("q=name%3Da%00")]
    [TestCase("a%00=b")]
    public async Task A_NUL_in_a_query_is_refused(string query)
    {
        var answer = await Api.GetAsync("repositories/file/file/?" + query);

        Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
    }

    [Test]
    public async Task A_name_of_any_length_is_taken_or_refused()
    {
        // Random, because PostgreSQL compresses what it puts into indexes.
        var random = new Random(7);
        string Text(int bytes) => string.Concat(Enumerable.Range(0, bytes).Select(_ => (char)random.Next('0', 'z')));

        foreach (var (length, status) in new[] { (2_500, 201), (2_501, 400), (100_000, 400) })
        {
            var answer = await Api.PostAsync("repositories/file/file/", new { name = Text(length) });
            Assert.That(answer.Code, Is.EqualTo(status), $"{length}");
        }

        var path = await Api.UploadAsync(
            "content/file/files/upload/",
            Encoding.UTF8.GetBytes(Text(20)),
            new { relative_path = Text(3_000).Replace('\\', 'x').Replace('/', 'x') }
        );
        var wide = await Api.PostAsync("repositories/file/file/", new { name = new string('€', 900) });
        Assert.Multiple(() =>
        {
            Assert.That(path.Code, Is.EqualTo(400));
            Assert.That(wide.Code, Is.EqualTo(400), "bytes count, not characters");
        });
    }

    [Test]
    public async Task A_body_is_read_in_the_forms_there_are_and_answered_as_JSON_alone()
    {
        var xml = await Api.SendContentAsync(
            HttpMethod.Post,
            "repositories/file/file/",
            new StringContent("<x/>", Encoding.UTF8, "application/xml")
        );
        var image = await Api.SendContentAsync(
            HttpMethod.Get,
            "repositories/file/file/",
            null,
            request => request.Headers.Accept.ParseAdd("image/png")
        );
        var large = await RawAsync(
            "/pulp/api/v3/repositories/file/file/",
            $"Content-Type: application/json\r\nContent-Length: {33 * 1024 * 1024}",
            "{"
        );

        Assert.Multiple(() =>
        {
            Assert.That(xml.Code, Is.EqualTo(415));
            Assert.That(image.Code, Is.EqualTo(406));
            Assert.That((string?)image.Json?["detail"], Is.EqualTo("Could not satisfy the request Accept header."));
            Assert.That(large, Is.EqualTo("HTTP/1.1 413 Payload Too Large"));
        });
    }

    [TestCase("*/*", 200)]
    [TestCase("application/json", 200)]
    [TestCase("text/html,application/xhtml+xml;q=0.9", 200)]
    [TestCase("application/*;q=0.1", 200)]
    [TestCase("application/json; charset=utf-8", 200)]
    [TestCase("application/json;q=0, text/html;q=0, */*;q=0.5", 406)]
    [TestCase("application/jsonp, text/htmlx", 406)]
    [TestCase("application/json;q=0", 406)]
    [TestCase("not a media type", 406)]
    public async Task What_is_accepted_is_read_with_its_weights(string accept, int status)
    {
        var answer = await Api.SendContentAsync(
            HttpMethod.Get,
            "repositories/file/file/",
            null,
            request => request.Headers.TryAddWithoutValidation("Accept", accept)
        );

        Assert.That(answer.Code, Is.EqualTo(status));
    }
}
