namespace PulpContainer.Tests.Sync;

/// <summary>A server with a registry upstream, on one database engine.</summary>
public abstract class SyncFixture(Engine engine) : RegistryFixture(engine)
{
    private FakeRegistry? _registry;

    protected FakeRegistry Registry => _registry ?? throw new InvalidOperationException("The registry isn't there.");

    [SetUp]
    public void MakeRegistry() => _registry = new FakeRegistry(Upstream);

    /// <summary>A remote of a repository upstream.</summary>
    protected async Task<string> NewRemoteAsync(string upstreamName, object? more = null) =>
        (
            await Api.PostAsync(
                "remotes/container/container/",
                PulpClient.Merge(
                    new
                    {
                        name = PulpClient.Unique(),
                        url = Registry.Url,
                        upstream_name = upstreamName,
                        max_retries = 0,
                        policy = "on_demand",
                    },
                    more
                )
            )
        ).Href;

    /// <summary>A repository that is served under its name.</summary>
    protected async Task<(string Href, string Name)> NewRepositoryAsync()
    {
        var name = PulpClient.Unique();
        var repository = (await Api.PostAsync("repositories/container/container/", new { name })).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/container/container/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );
        return (repository, name);
    }

    /// <summary>Syncs and answers the task as it ended.</summary>
    protected async Task<JsonNode> SyncAsync(string repository, string remote, object? more = null) =>
        await Api.EndOfAsync((await Api.PostAsync(repository + "sync/", PulpClient.Merge(new { remote }, more))).Task);

    /// <summary>Syncs into a new repository, which must succeed, and answers its name.</summary>
    protected async Task<(string Href, string Name, JsonNode Task)> SyncNewAsync(string remote, object? more = null)
    {
        var (href, name) = await NewRepositoryAsync();
        var task = await SyncAsync(href, remote, more);
        Completed(task);
        return (href, name, task);
    }

    protected async Task<IReadOnlyList<string>> TagsAsync(string name) =>
        [.. (await GetAsync($"{name}/tags/list")).Json["tags"]?.AsArray().Select(t => (string?)t ?? "") ?? []];

    protected async Task<int> VersionOfAsync(string repository) =>
        int.Parse(
            ((string?)(await Api.GetAsync(repository)).Json?["latest_version_href"] ?? "").TrimEnd('/').Split('/')[^1],
            System.Globalization.CultureInfo.InvariantCulture
        );

    /// <summary>The messages of a task's warnings of a kind.</summary>
    protected static IReadOnlyList<string> Warnings(JsonNode task, string code) =>
        [
            .. (task["progress_reports"]?.AsArray() ?? [])
                .Where(r => (string?)r?["code"] == code)
                .Select(r => (string?)r?["message"] ?? ""),
        ];

    protected static void Completed(JsonNode task) =>
        Assert.That((string?)task["state"], Is.EqualTo("completed"), task.ToJsonString());

    protected static string ErrorOf(JsonNode task) => (string?)task["error"]?["description"] ?? "";
}
