using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pulp.PluginSdk.Testing;

namespace Pulp.Testing;

/// <summary>The file plugin's part of the API as tests use it.</summary>
public static class FileClient
{
    public static async Task<string> NewRemoteAsync(
        this PulpClient api,
        string url,
        string policy = "immediate",
        object? more = null
    ) =>
        (
            await api.PostAsync(
                "remotes/file/file/",
                PulpClient.Merge(
                    new
                    {
                        name = PulpClient.Unique(),
                        url,
                        policy,
                    },
                    more
                )
            )
        ).Href;

    public static async Task<string> NewRepositoryAsync(this PulpClient api, object? more = null) =>
        (
            await api.PostAsync("repositories/file/file/", PulpClient.Merge(new { name = PulpClient.Unique() }, more))
        ).Href;

    public static async Task<string> NewPublicationAsync(this PulpClient api, object body) =>
        await api.CreatedAsync(await api.PostAsync("publications/file/file/", body), "/publications/");

    /// <summary>Distributes and answers href and content path.</summary>
    public static async Task<(string Href, string Path)> NewDistributionAsync(this PulpClient api, object body)
    {
        var path = PulpClient.Unique();
        var href = await api.CreatedAsync(
            await api.PostAsync(
                "distributions/file/file/",
                PulpClient.Merge(new { name = PulpClient.Unique(), base_path = path }, body)
            )
        );
        return (href, $"/pulp/content/{path}/");
    }

    public static async Task<JsonNode> SyncAsync(
        this PulpClient api,
        string repository,
        string remote,
        bool mirror = false,
        bool optimize = true
    ) =>
        await api.EndOfAsync(
            (
                await api.PostAsync(
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
    public static async Task<string> NewFileAsync(this PulpClient api, string path, string text) =>
        (
            await api.UploadAsync(
                "content/file/files/upload/",
                Encoding.UTF8.GetBytes(text),
                new { relative_path = path }
            )
        ).Href;

    public static async Task<string> LatestAsync(this PulpClient api, string repository) =>
        (string?)(await api.GetAsync(repository)).Json?["latest_version_href"] ?? "";

    /// <summary>Relative paths of a version.</summary>
    public static async Task<IReadOnlyList<string>> PathsAsync(this PulpClient api, string version)
    {
        var list = await api.GetAsync(
            $"content/file/files/?limit=1000&fields=relative_path&repository_version={version}"
        );
        return [.. list.Results.Select(r => (string?)r["relative_path"] ?? "").Order(StringComparer.Ordinal)];
    }
}
