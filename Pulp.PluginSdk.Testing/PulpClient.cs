using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Pulp.PluginSdk.Testing;

/// <summary>An answer with its JSON.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Json">Its body; null when that isn't JSON.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Text">Its body as text.</param>
public sealed record Answer(HttpStatusCode Status, JsonNode? Json, HttpResponseHeaders Headers, string Text)
{
    /// <summary>Its status as a number.</summary>
    public int Code => (int)Status;

    /// <summary>The resource's <c>pulp_href</c>.</summary>
    /// <exception cref="InvalidOperationException">It has none; the message shows the answer.</exception>
    public string Href => (string?)Json?["pulp_href"] ?? throw new InvalidOperationException($"{Code}: {Text}");

    /// <summary>The href of the task that was started.</summary>
    /// <exception cref="InvalidOperationException">None was; the message shows the answer.</exception>
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
    /// <summary>What paths without a leading slash are below.</summary>
    public const string Root = "/pulp/api/v3/";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>A client of a server.</summary>
    /// <param name="url">Where it listens.</param>
    /// <param name="user">Who asks; null for nobody.</param>
    /// <param name="password">The user's password.</param>
    /// <param name="handler">Sends the requests, where the usual one won't do.</param>
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

    /// <summary>What sends the requests, for those that the methods here can't say.</summary>
    public HttpClient Http { get; }

    /// <summary>GET.</summary>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>POST of JSON.</summary>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="body">Becomes JSON.</param>
    public Task<Answer> PostAsync(string path, object? body = null) =>
        SendAsync(HttpMethod.Post, path, body ?? new { });

    /// <summary>PATCH of JSON.</summary>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="body">Becomes JSON.</param>
    public Task<Answer> PatchAsync(string path, object body) => SendAsync(HttpMethod.Patch, path, body);

    /// <summary>PUT of JSON.</summary>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="body">Becomes JSON.</param>
    public Task<Answer> PutAsync(string path, object body) => SendAsync(HttpMethod.Put, path, body);

    /// <summary>DELETE.</summary>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <summary>Sends a text as JSON, be it valid or not.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="json">The text.</param>
    public Task<Answer> RawAsync(HttpMethod method, string path, string json) =>
        SendContentAsync(method, path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Sends JSON.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="body">Becomes JSON.</param>
    public Task<Answer> SendAsync(HttpMethod method, string path, object? body) =>
        SendContentAsync(method, path, body is null ? null : JsonContent.Create(body));

    /// <summary>Sends any body.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="content">The body.</param>
    /// <param name="with">Adds to the request, such as headers.</param>
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

    /// <summary>POST of a form with a file.</summary>
    /// <param name="path">Path below <see cref="Root"/>, or a whole one with a leading slash.</param>
    /// <param name="file">The file.</param>
    /// <param name="fields">Its properties are the form's other fields.</param>
    public Task<Answer> UploadAsync(string path, byte[] file, object? fields = null) =>
        SendContentAsync(HttpMethod.Post, path, Form(file, fields));

    /// <summary>A form with a file.</summary>
    /// <param name="file">The file, as <c>file</c>.</param>
    /// <param name="fields">Its properties are the form's other fields.</param>
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
    /// <param name="task">The task's href.</param>
    /// <exception cref="TimeoutException">It didn't end within minutes.</exception>
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
    /// <param name="started">The answer.</param>
    /// <exception cref="InvalidOperationException">It ended otherwise; the message shows the task.</exception>
    public async Task<JsonNode> CompletedAsync(Answer started)
    {
        var task = await EndOfAsync(started.Task);
        return (string?)task["state"] == "completed" ? task : throw new InvalidOperationException(task.ToJsonString());
    }

    /// <summary>The first resource a completed task made whose href holds the text.</summary>
    /// <param name="started">The 202 answer.</param>
    /// <param name="holding">The text.</param>
    /// <exception cref="InvalidOperationException">It didn't complete; the message shows the task.</exception>
    public async Task<string> CreatedAsync(Answer started, string holding = "/")
    {
        var task = await CompletedAsync(started);
        return task["created_resources"]
                ?.AsArray()
                .Select(r => (string?)r ?? "")
                .First(r => r.Contains(holding, StringComparison.Ordinal))
            ?? throw new InvalidOperationException(task.ToJsonString());
    }

    /// <summary>A name that nothing else has.</summary>
    public static string Unique() => "t" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>The members of both; those of the second count.</summary>
    public static JsonObject Merge(object one, object? more)
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

    /// <inheritdoc />
    public void Dispose() => Http.Dispose();
}
