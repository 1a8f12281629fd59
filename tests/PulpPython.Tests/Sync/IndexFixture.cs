namespace PulpPython.Tests.Sync;

/// <summary>A server with an index upstream, on one database engine.</summary>
public abstract class IndexFixture(Engine engine) : ApiFixture(engine)
{
    private FakeIndex? _index;

    private protected FakeIndex Index => _index ?? throw new InvalidOperationException("The index isn't there.");

    [SetUp]
    public void MakeIndex() => _index = new FakeIndex(Upstream);

    protected async Task<string> NewRemoteAsync(object? more = null) =>
        (
            await Api.PostAsync(
                "remotes/python/python/",
                PulpClient.Merge(
                    new
                    {
                        name = PulpClient.Unique(),
                        url = Index.Url,
                        max_retries = 0,
                    },
                    more
                )
            )
        ).Href;

    protected async Task<string> NewRepositoryAsync(object? more = null) =>
        (
            await Api.PostAsync(
                "repositories/python/python/",
                PulpClient.Merge(new { name = PulpClient.Unique() }, more)
            )
        ).Href;

    /// <summary>Syncs and answers the task as it ended.</summary>
    protected async Task<JsonNode> SyncAsync(string repository, string remote, object? more = null) =>
        await Api.EndOfAsync((await Api.PostAsync(repository + "sync/", PulpClient.Merge(new { remote }, more))).Task);

    /// <summary>Syncs what a remote takes into a new repository.</summary>
    protected async Task<(string Repository, string Remote, JsonNode Task)> SyncedAsync(object? remote = null)
    {
        var source = await NewRemoteAsync(remote);
        var repository = await NewRepositoryAsync();
        return (repository, source, await SyncAsync(repository, source));
    }

    protected async Task<IReadOnlyList<JsonNode>> PackagesAsync(string repository)
    {
        var version = (string?)(await Api.GetAsync(repository)).Json?["latest_version_href"];
        var list = await Api.GetAsync(
            $"content/python/packages/?repository_version={version}&ordering=filename&limit=1000"
        );
        return list.Results;
    }

    protected async Task<IReadOnlyList<string>> FilesAsync(string repository) =>
        [.. (await PackagesAsync(repository)).Select(p => (string?)p["filename"] ?? "").Order(StringComparer.Ordinal)];

    /// <summary>The messages of a task's warnings of a kind.</summary>
    protected static IReadOnlyList<string> Warnings(JsonNode task, string code) =>
        [
            .. (task["progress_reports"]?.AsArray() ?? [])
                .Where(r => (string?)r?["code"] == code)
                .Select(r => (string?)r?["message"] ?? ""),
        ];

    protected static void Completed(JsonNode task) =>
        Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());
}
