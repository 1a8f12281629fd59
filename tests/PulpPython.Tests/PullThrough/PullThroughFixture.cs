using System.Net;

namespace PulpPython.Tests.PullThrough;

/// <summary>A server, and an index upstream for caches.</summary>
public abstract class PullThroughFixture(Engine engine) : PythonFixture(engine)
{
    private FakeIndex? _upstream;

    private protected FakeIndex Index => _upstream ?? throw new InvalidOperationException("The index isn't there.");

    [SetUp]
    public void MakeIndex() => _upstream = new FakeIndex(Upstream);

    /// <summary>An index that asks the upstream for what its repository hasn't.</summary>
    protected async Task<(string Repository, string Path)> NewCacheAsync(
        object? repository = null,
        object? remote = null,
        bool hasRepository = true
    )
    {
        var name = PulpClient.Unique();
        var source = await Api.PostAsync(
            "remotes/python/python/",
            PulpClient.Merge(
                new
                {
                    name,
                    url = Index.Url,
                    max_retries = 0,
                },
                remote
            )
        );
        return hasRepository
            ? await NewIndexAsync(repository, new { remote = source.Href })
            : await NewIndexAsync(repository, new { remote = source.Href, repository = (string?)null });
    }

    protected string Simple(string path) => $"{Server.Url}/pypi/{path}/simple/";

    protected static IReadOnlyList<string> Files(JsonNode page) =>
        [.. page["files"]?.AsArray().Select(f => (string?)f?["filename"] ?? "") ?? []];

    protected async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(string path, string file)
    {
        using var response = await Api.Http.GetAsync($"/pulp/content/{path}/{file}");
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }

    protected async Task<Dictionary<string, JsonNode>> HeldAsync(string repository)
    {
        var version = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        var list = await Api.GetAsync($"content/python/packages/?repository_version={version}");
        return list.Results.ToDictionary(p => (string?)p["filename"] ?? "");
    }
}
