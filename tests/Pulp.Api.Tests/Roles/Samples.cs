using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Api.Tests.Roles;

/// <summary>One resource of every kind on which roles are given, and the operations on it.</summary>
internal static class Samples
{
    /// <summary>Kinds that nobody makes by a request of their own: their rules have tests of their own.</summary>
    private static readonly string[] MadeOtherwise = ["tasks", "repositories_container_container_push"];

    public static IEnumerable<ResourceKind> KindsWithRoles(this TestServer server) =>
        server
            .Services.GetRequiredService<ResourceRegistry>()
            .All.Where(k => k.HasRoles && !MadeOtherwise.Contains(k.OperationStem));

    public static IEnumerable<Operation> OperationsOn(this TestServer server, ResourceKind kind) =>
        server
            .Services.GetRequiredService<ApiOperations>()
            .All.Where(o => o.Access is AccessRule.Policy { Target: Target.Object } rule && rule.Kind == kind)
            // What removes the object comes last.
            .OrderBy(o => ((AccessRule.Policy)o.Access).Action == "destroy");

    public static string Role(ResourceKind kind, string name) => $"{kind.Model}_{name}";

    /// <summary>The role that lets view.</summary>
    public static string ViewerOf(ResourceKind kind) =>
        kind.AppLabel == "container"
        && kind.ModelName is "ContainerDistribution" or "ContainerNamespace" or "ContainerPullThroughDistribution"
            ? Role(kind, "consumer")
            : Role(kind, "viewer");

    /// <summary>Makes one of a kind; the body is as small as can be.</summary>
    public static async Task<string> NewSampleAsync(this PulpClient api, ResourceKind kind)
    {
        var name = PulpClient.Unique();
        object body = kind.OperationStem switch
        {
            "uploads" => new { size = 10 },
            "publications_file_file" => new { repository = await api.NewRepositoryAsync() },
            "publications_python_pypi" => new
            {
                repository = (await api.PostAsync("repositories/python/python/", new { name })).Href,
            },
            "acs_file_file" => new
            {
                name,
                remote = await api.NewRemoteAsync("http://upstream.test/PULP_MANIFEST", "on_demand"),
            },
            "remotes_container_container" => new
            {
                name,
                url = "http://upstream.test/",
                upstream_name = "some/image",
            },
            "remotes_container_pull_through" or "remotes_file_file" or "remotes_python_python" => new
            {
                name,
                url = "http://upstream.test/",
            },
            "distributions_container_container" => new
            {
                name,
                base_path = $"{name}/image",
                @private = true,
            },
            "distributions_container_pull_through" => new
            {
                name,
                base_path = $"{name}/through",
                remote = (
                    await api.PostAsync("remotes/container/pull-through/", new { name, url = "http://upstream.test/" })
                ).Href,
            },
            "distributions_file_file" or "distributions_python_pypi" => new { name, base_path = name },
            "contentguards_core_header" => new
            {
                name,
                header_name = "X-Key",
                header_value = "secret",
            },
            _ => new { name },
        };
        var made = await api.PostAsync(kind.Path, body);
        return made.Code == 202 ? await api.CreatedAsync(made, $"/{kind.Path}") : made.Href;
    }

    public static async Task<int> SendAsync(PulpClient client, Operation operation, string href)
    {
        var path = href + operation.Route[(operation.Route.IndexOf("{pulp_id}/", StringComparison.Ordinal) + 10)..];
        var answer = await client.SendAsync(
            new HttpMethod(operation.Method),
            path,
            operation.Body is null ? null : new { }
        );
        return answer.Code;
    }
}
