using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;

namespace Pulp.Api.Tests.Roles;

/// <summary>
/// Everybody over every operation on an object: who owns it, who may only view it, an administrator, a stranger, nobody. A kind that
/// is new has to be made here before the suite passes again.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class AccessMatrixTests(Engine engine) : ApiFixture(engine)
{
    /// <summary>Kinds that nobody makes by a request of their own: their rules have tests of their own.</summary>
    private static readonly string[] MadeOtherwise = ["tasks", "repositories_container_container_push"];

    private static readonly string[] OfViewers = ["retrieve", "my_permissions"];

    private IEnumerable<ResourceKind> Kinds =>
        Server
            .Services.GetRequiredService<ResourceRegistry>()
            .All.Where(k => k.HasRoles && !MadeOtherwise.Contains(k.OperationStem));

    private IEnumerable<Operation> OperationsOn(ResourceKind kind) =>
        Server
            .Services.GetRequiredService<ApiOperations>()
            .All.Where(o => o.Access is AccessRule.Policy { Target: Target.Object } rule && rule.Kind == kind)
            // What removes the object comes last.
            .OrderBy(o => ((AccessRule.Policy)o.Access).Action == "destroy");

    private static string Role(ResourceKind kind, string name) => $"{kind.Model}_{name}";

    /// <summary>Makes one of a kind; the body is as small as can be.</summary>
    private async Task<string> NewAsync(ResourceKind kind)
    {
        var name = PulpClient.Unique();
        object body = kind.OperationStem switch
        {
            "uploads" => new { size = 10 },
            "publications_file_file" => new { repository = await Api.NewRepositoryAsync() },
            "publications_python_pypi" => new
            {
                repository = (await Api.PostAsync("repositories/python/python/", new { name })).Href,
            },
            "acs_file_file" => new
            {
                name,
                remote = await Api.NewRemoteAsync("http://upstream.test/PULP_MANIFEST", "on_demand"),
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
                    await Api.PostAsync("remotes/container/pull-through/", new { name, url = "http://upstream.test/" })
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
        var made = await Api.PostAsync(kind.Path, body);
        return made.Code == 202 ? await Api.CreatedAsync(made, $"/{kind.Path}") : made.Href;
    }

    private static async Task<int> SendAsync(PulpClient client, Operation operation, string href)
    {
        var path = href + operation.Route[(operation.Route.IndexOf("{pulp_id}/", StringComparison.Ordinal) + 10)..];
        var answer = await client.SendAsync(
            new HttpMethod(operation.Method),
            path,
            operation.Body is null ? null : new { }
        );
        return answer.Code;
    }

    [Test]
    public async Task Everybody_gets_what_the_roles_say_on_every_kind()
    {
        using var owner = await Server.NewUserAsync();
        using var viewer = await Server.NewUserAsync();
        using var everywhere = await Server.NewUserAsync();
        using var stranger = await Server.NewUserAsync();
        using var nobody = new PulpClient(Server.Url, null, null);
        var wrong = new List<string>();
        var seen = 0;
        foreach (var kind in Kinds)
        {
            var href = await NewAsync(kind);
            await Api.GiveAsync(owner.Href, Role(kind, "owner"), href);
            await Api.GiveAsync(viewer.Href, ViewerOf(kind), href);
            await Api.GiveAsync(everywhere.Href, ViewerOf(kind));
            foreach (var operation in OperationsOn(kind))
            {
                seen++;
                var action = ((AccessRule.Policy)operation.Access).Action;
                void Expect(string who, int code, params int[] allowed)
                {
                    if (!allowed.Contains(code))
                    {
                        wrong.Add($"{operation.Id} by {who}: {code}");
                    }
                }

                // Everybody finds the caches that are there, and nobody changes a namespace's labels without being given the right to.
                var found = kind.OperationStem == "distributions_container_pull_through";
                int[] refused =
                    !found ? [404]
                    : action == "my_permissions" ? [200]
                    : [403];
                int[] reached =
                    kind.ModelName == "ContainerNamespace" && action.Contains("label")
                        ? [403]
                        : [200, 201, 202, 204, 400, 409];
                Expect("nobody", await SendAsync(nobody, operation, href), 401);
                Expect("a stranger", await SendAsync(stranger.Api, operation, href), refused);
                int[] ofViewer = OfViewers.Contains(action) ? [200] : [403];
                Expect("a viewer", await SendAsync(viewer.Api, operation, href), ofViewer);
                Expect("a viewer of all", await SendAsync(everywhere.Api, operation, href), ofViewer);

                // An empty body is often wrong, which only who may do it is told.
                Expect("the owner", await SendAsync(owner.Api, operation, href), reached);
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(seen, Is.GreaterThan(150));
        });
    }

    private static string ViewerOf(ResourceKind kind) =>
        kind.AppLabel == "container"
        && kind.ModelName is "ContainerDistribution" or "ContainerNamespace" or "ContainerPullThroughDistribution"
            ? Role(kind, "consumer")
            : Role(kind, "viewer");
}
