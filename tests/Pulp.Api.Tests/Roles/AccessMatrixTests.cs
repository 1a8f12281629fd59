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
    private static readonly string[] OfViewers = ["retrieve", "my_permissions"];

    private IEnumerable<ResourceKind> Kinds => Server.KindsWithRoles();

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
            var href = await Api.NewSampleAsync(kind);
            await Api.GiveAsync(owner.Href, Samples.Role(kind, "owner"), href);
            await Api.GiveAsync(viewer.Href, Samples.ViewerOf(kind), href);
            await Api.GiveAsync(everywhere.Href, Samples.ViewerOf(kind));
            foreach (var operation in Server.OperationsOn(kind))
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
                Expect("nobody", await Samples.SendAsync(nobody, operation, href), 401);
                Expect("a stranger", await Samples.SendAsync(stranger.Api, operation, href), refused);
                int[] ofViewer = OfViewers.Contains(action) ? [200] : [403];
                Expect("a viewer", await Samples.SendAsync(viewer.Api, operation, href), ofViewer);
                Expect("a viewer of all", await Samples.SendAsync(everywhere.Api, operation, href), ofViewer);

                // An empty body is often wrong, which only who may do it is told.
                Expect("the owner", await Samples.SendAsync(owner.Api, operation, href), reached);
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(seen, Is.GreaterThan(150));
        });
    }
}
