using System.Net.Http.Headers;

namespace PulpContainer.Tests;

/// <summary>An answer of the registry, with its bytes.</summary>
public sealed record Reply(int Status, byte[] Body, HttpResponseHeaders Headers, HttpContentHeaders Content)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonNode Json => JsonNode.Parse(Text) ?? new JsonObject();

    public string? Location => Header("Location");

    /// <summary>The first error's code.</summary>
    public string? Error => (string?)Json["errors"]?[0]?["code"];

    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || Content.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;
}

/// <summary>A server with the container plugin, and what tests of its registry do again and again.</summary>
public abstract class RegistryFixture(Engine engine) : ApiFixture(engine)
{
    private static readonly HttpRequestOptionsKey<bool> IsNobodys = new("nobody");

    /// <summary>A request of somebody who says no name.</summary>
    protected static Action<HttpRequestMessage> AsNobody { get; } = request => request.Options.Set(IsNobodys, true);

    protected static Action<HttpRequestMessage> Basic(string user, string password) =>
        request =>
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))
            );

    /// <summary>The name of a repository that isn't there.</summary>
    protected static string NewName() => $"tests/{PulpClient.Unique().ToLowerInvariant()}";

    protected async Task<Reply> SendAsync(
        string method,
        string path,
        byte[]? body = null,
        Action<HttpRequestMessage>? with = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith('/') ? path : "/v2/" + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/octet-stream");
        }

        with?.Invoke(request);
        using var nobody = new PulpClient(Server.Url, user: null, password: null);
        var client = request.Options.TryGetValue(IsNobodys, out _) ? nobody : Api;
        using var response = await client.Http.SendAsync(request);
        return new Reply(
            (int)response.StatusCode,
            await response.Content.ReadAsByteArrayAsync(),
            response.Headers,
            response.Content.Headers
        );
    }

    protected Task<Reply> GetAsync(string path, Action<HttpRequestMessage>? with = null) =>
        SendAsync("GET", path, with: with);

    /// <summary>Pushes a blob by a POST and a PUT, and answers its digest.</summary>
    protected async Task<string> PushBlobAsync(string name, byte[] blob)
    {
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        Assert.That(begun.Status, Is.EqualTo(202), begun.Text);
        var digest = TestImage.DigestOf(blob);
        var done = await SendAsync("PUT", $"{begun.Location}?digest={digest}", blob);
        Assert.That(done.Status, Is.EqualTo(201), done.Text);
        return digest;
    }

    protected Task<Reply> PutManifestAsync(
        string name,
        string reference,
        byte[] manifest,
        string mediaType = TestImage.OciManifest
    ) =>
        SendAsync(
            "PUT",
            $"{name}/manifests/{reference}",
            manifest,
            request => request.Content?.Headers.ContentType = new(mediaType)
        );

    protected async Task PushAsync(string name, string reference, TestImage image)
    {
        foreach (var blob in image.Blobs)
        {
            await PushBlobAsync(name, blob);
        }

        var put = await PutManifestAsync(name, reference, image.Manifest, image.MediaType);
        Assert.That(put.Status, Is.EqualTo(201), put.Text);
    }

    protected static void Accept(HttpRequestMessage request, params string[] types)
    {
        request.Headers.Accept.Clear();
        foreach (var type in types)
        {
            request.Headers.TryAddWithoutValidation("Accept", type);
        }
    }
}
