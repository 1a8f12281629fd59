using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Pulp.Testing;

/// <summary>An answer with its JSON.</summary>
public sealed record Answer(HttpStatusCode Status, JsonNode? Json, HttpResponseHeaders Headers, string Text)
{
    public int Code => (int)Status;

    public string Href => (string?)Json?["pulp_href"] ?? throw new InvalidOperationException($"{Code}: {Text}");

    public string Task => (string?)Json?["task"] ?? throw new InvalidOperationException($"{Code}: {Text}");

    /// <summary>The list's results.</summary>
    public IReadOnlyList<JsonNode> Results =>
        [
            .. (Json?["results"]?.AsArray() ?? throw new InvalidOperationException($"{Code}: {Text}")).Select(n =>
                n ?? new JsonObject()
            ),
        ];
}

/// <summary>The API as tests use it.</summary>
public sealed class PulpClient : IDisposable
{
    public const string Root = "/pulp/api/v3/";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public PulpClient(string url, string? user, string? password, HttpMessageHandler? handler = null)
    {
#pragma warning disable RS0030 // Tests are clients
        Http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(url),
        };
#pragma warning restore RS0030
        if (user is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))
            );
        }
    }

    public HttpClient Http { get; }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    public Task<Answer> PostAsync(string path, object? body = null) =>
        SendAsync(HttpMethod.Post, path, body ?? new { });

    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    public Task<Answer> RawAsync(HttpMethod method, string path, string json) =>
        SendContentAsync(method, path, new StringContent(json, Encoding.UTF8, "application/json"));

    public Task<Answer> SendAsync(HttpMethod method, string path, object? body) =>
        SendContentAsync(method, path, body is null ? null : JsonContent.Create(body));

    public async Task<Answer> SendContentAsync(
        HttpMethod method,
        string path,
        HttpContent? content,
        Action<HttpRequestMessage>? with = null
    )
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : Root + path)
        {
            Content = content,
        };
        with?.Invoke(request);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : null;
        return new Answer(response.StatusCode, json, response.Headers, text);
    }

    public Task<Answer> UploadAsync(string path, byte[] file, object? fields = null) =>
        SendContentAsync(HttpMethod.Post, path, Form(file, fields));

    public static MultipartFormDataContent Form(byte[]? file, object? fields)
    {
        var form = new MultipartFormDataContent();
        if (file is not null)
        {
            form.Add(new ByteArrayContent(file), "file", "upload.bin");
        }

        foreach (var property in fields?.GetType().GetProperties() ?? [])
        {
            form.Add(new StringContent(property.GetValue(fields)?.ToString() ?? ""), property.Name);
        }

        return form;
    }

    /// <summary>Waits for a task's end and answers it.</summary>
    public async Task<JsonNode> EndOfAsync(string task)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience)
        {
            var answer = await GetAsync(task);
            var state = (string?)answer.Json?["state"];
            if (state is "completed" or "failed" or "canceled" or "skipped")
            {
                return answer.Json ?? new JsonObject();
            }

            // The wire has no way to wait: every client asks again.
            await Task.Delay(10);
        }

        throw new TimeoutException($"{task} did not end within {Patience.TotalSeconds} s.");
    }

    /// <summary>Waits for the task of a 202 answer, which must complete.</summary>
    public async Task<JsonNode> CompletedAsync(Answer started)
    {
        var task = await EndOfAsync(started.Task);
        return (string?)task["state"] == "completed" ? task : throw new InvalidOperationException(task.ToJsonString());
    }

    /// <summary>The first resource a completed task made whose href holds the text.</summary>
    public async Task<string> CreatedAsync(Answer started, string holding = "/")
    {
        var task = await CompletedAsync(started);
        return task["created_resources"]
                ?.AsArray()
                .Select(r => (string?)r ?? "")
                .First(r => r.Contains(holding, StringComparison.Ordinal))
            ?? throw new InvalidOperationException(task.ToJsonString());
    }

    public async Task<string> NewRemoteAsync(string url, string policy = "immediate", object? more = null) =>
        (
            await PostAsync(
                "remotes/file/file/",
                Merge(
                    new
                    {
                        name = Unique(),
                        url,
                        policy,
                    },
                    more
                )
            )
        ).Href;

    public async Task<string> NewRepositoryAsync(object? more = null) =>
        (await PostAsync("repositories/file/file/", Merge(new { name = Unique() }, more))).Href;

    public async Task<string> NewPublicationAsync(object body) =>
        await CreatedAsync(await PostAsync("publications/file/file/", body), "/publications/");

    /// <summary>Distributes and answers href and content path.</summary>
    public async Task<(string Href, string Path)> NewDistributionAsync(object body)
    {
        var path = Unique();
        var href = await CreatedAsync(
            await PostAsync("distributions/file/file/", Merge(new { name = Unique(), base_path = path }, body))
        );
        return (href, $"/pulp/content/{path}/");
    }

    public async Task<JsonNode> SyncAsync(
        string repository,
        string remote,
        bool mirror = false,
        bool optimize = true
    ) =>
        await EndOfAsync(
            (
                await PostAsync(
                    repository + "sync/",
                    new
                    {
                        remote,
                        mirror,
                        optimize,
                    }
                )
            ).Task
        );

    /// <summary>Uploads a unit and answers its href.</summary>
    public async Task<string> NewFileAsync(string path, string text) =>
        (
            await UploadAsync("content/file/files/upload/", Encoding.UTF8.GetBytes(text), new { relative_path = path })
        ).Href;

    public async Task<string> LatestAsync(string repository) =>
        (string?)(await GetAsync(repository)).Json?["latest_version_href"] ?? "";

    /// <summary>Relative paths of a version.</summary>
    public async Task<IReadOnlyList<string>> PathsAsync(string version)
    {
        var list = await GetAsync($"content/file/files/?limit=1000&fields=relative_path&repository_version={version}");
        return [.. list.Results.Select(r => (string?)r["relative_path"] ?? "").Order(StringComparer.Ordinal)];
    }

    public static string Unique() => "t" + Guid.NewGuid().ToString("N")[..12];

    private static JsonObject Merge(object one, object? more)
    {
        var all = System.Text.Json.JsonSerializer.SerializeToNode(one)?.AsObject() ?? [];
        foreach (
            var member in more is null ? [] : System.Text.Json.JsonSerializer.SerializeToNode(more)?.AsObject() ?? []
        )
        {
            all[member.Key] = member.Value?.DeepClone();
        }

        return all;
    }

    public void Dispose() => Http.Dispose();
}
