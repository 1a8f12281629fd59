using System.Net.Http.Headers;

namespace Pulp.Api.Tests.Guards;

/// <summary>Distributions behind guards, with one file each.</summary>
public abstract class GuardFixture(Engine engine) : ApiFixture(engine)
{
    protected const string Content = "behind the guard";

    protected async Task<string> NewGuardAsync(string kind, object? fields = null) =>
        (
            await Api.PostAsync($"contentguards/{kind}/", PulpClient.Merge(new { name = PulpClient.Unique() }, fields))
        ).Href;

    /// <summary>A distribution with a file called <c>file</c>.</summary>
    protected async Task<(string Href, string Path)> DistributedAsync(string? guard)
    {
        Upstream.With("file", Content).Listed();
        var (repository, _) = await SyncedAsync();
        await Api.NewPublicationAsync(new { repository });
        return await Api.NewDistributionAsync(new { repository, content_guard = guard });
    }

    protected Task<Answer> AskAsync(string path, params (string Name, string Value)[] headers) =>
        AskAsync(HttpMethod.Get, path, headers);

    /// <summary>A request of somebody who isn't signed in, with these headers.</summary>
    protected async Task<Answer> AskAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var nobody = new PulpClient(Server.Url, null, null);
        return await nobody.SendContentAsync(
            method,
            path,
            null,
            request =>
            {
                foreach (var (name, value) in headers)
                {
                    request.Headers.TryAddWithoutValidation(name, value);
                }
            }
        );
    }

    protected static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    protected static (string, string) Login(string name, string password) =>
        ("Authorization", new AuthenticationHeaderValue("Basic", Base64($"{name}:{password}")).ToString());
}
