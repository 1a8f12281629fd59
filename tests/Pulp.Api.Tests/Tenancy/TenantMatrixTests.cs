using Pulp.Api.Tests.Roles;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Settings;

namespace Pulp.Api.Tests.Tenancy;

/// <summary>
/// Who owns or views what is in a domain, by a role given for the domain, over every operation on an object of every kind that domains
/// hold: in the domain as any owner or viewer, outside of it as a stranger.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class TenantMatrixTests(Engine engine) : ApiFixture(engine)
{
    protected override void Configure(PulpSettings settings) => settings.DomainEnabled = true;

    [OneTimeSetUp]
    public Task MakeTenantsAsync() =>
        Pulp.Testing.Tenants.MakeAsync(Api, tenant => Path.Combine(Server.Settings.DataDir, "tenants", tenant));

    [Test]
    public async Task A_role_in_a_domain_counts_there_and_nowhere_else()
    {
        var (one, two) = (Pulp.Testing.Tenants.Names[0], Pulp.Testing.Tenants.Names[1]);
        using var inOne = In(one);
        using var inTwo = In(two);
        using var owner = await Server.NewUserAsync();
        using var viewer = await Server.NewUserAsync();
        var domain = (await Api.GetAsync($"/pulp/default/api/v3/domains/?name={one}")).Results[0]["pulp_href"];
        var wrong = new List<string>();
        var seen = 0;
        foreach (var kind in Server.KindsWithRoles().Where(k => k.DomainColumn is not null))
        {
            var (here, there) = (await inOne.NewSampleAsync(kind), await inTwo.NewSampleAsync(kind));
            Assert.That((here, there), Is.EqualTo((At(one, here), At(two, there))));
            foreach (
                var (person, role) in new[] { (owner, Samples.Role(kind, "owner")), (viewer, Samples.ViewerOf(kind)) }
            )
            {
                var given = await Api.PostAsync(
                    person.Href + "roles/",
                    new
                    {
                        role,
                        content_object = (string?)null,
                        domain,
                    }
                );
                Assert.That(given.Code, Is.EqualTo(201), given.Text);
            }

            foreach (var operation in Server.OperationsOn(kind))
            {
                seen++;
                var action = ((AccessRule.Policy)operation.Access).Action;
                async Task ExpectAsync(string who, Person person, string href, params int[] allowed)
                {
                    var code = await Samples.SendAsync(person.Api, operation, href);
                    if (!allowed.Contains(code))
                    {
                        wrong.Add($"{operation.Id} by {who}: {code}");
                    }
                }

                // Caches that are there are found by everybody.
                int[] outside =
                    kind.OperationStem != "distributions_container_pull_through" ? [404]
                    : action == "my_permissions" ? [200]
                    : [403];
                int[] reached =
                    kind.ModelName == "ContainerNamespace" && action.Contains("label")
                        ? [403]
                        : [200, 201, 202, 204, 400, 409];
                await ExpectAsync("the other domain's owner", owner, there, outside);
                await ExpectAsync("the other domain's viewer", viewer, there, outside);
                await ExpectAsync("a viewer", viewer, here, action is "retrieve" or "my_permissions" ? [200] : [403]);
                await ExpectAsync("the owner", owner, here, reached);
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(wrong, Is.Empty);
            Assert.That(seen, Is.GreaterThan(140));
        });
    }

    [Test]
    public async Task A_domain_is_listed_for_who_has_a_role_on_it()
    {
        using var owner = await Server.NewUserAsync();
        var domain = (await Api.GetAsync($"domains/?name={Pulp.Testing.Tenants.Names[0]}")).Results[0]["pulp_href"];
        await Api.GiveAsync(owner.Href, "core.domain_owner", (string?)domain);

        var listed = await owner.Api.GetAsync("domains/");

        Assert.That((int?)listed.Json?["count"], Is.EqualTo(1));
        Assert.That(listed.Results.Select(d => (string?)d["pulp_href"]), Is.EqualTo(new[] { (string?)domain }));
    }

    [Test]
    public async Task A_role_is_given_on_what_any_domain_holds_by_the_href_and_by_the_prn()
    {
        using var inOne = In(Pulp.Testing.Tenants.Names[0]);
        using var user = await Server.NewUserAsync();
        var group = await Server.NewGroupAsync(PulpClient.Unique(), user);
        var made = await inOne.PostAsync("repositories/file/file/", new { name = PulpClient.Unique() });

        var byHref = await Api.PostAsync(
            user.Href + "roles/",
            new { role = "file.filerepository_viewer", content_object = made.Href }
        );
        var byPrn = await Api.PostAsync(
            group + "roles/",
            new { role = "file.filerepository_owner", content_object_prn = (string?)made.Json?["prn"] }
        );
        var named = await Api.NamesAsync($"{user.Href}roles/?content_object={made.Href}", "content_object");
        var patched = await user.Api.PatchAsync(made.Href, new { description = "seen and changed" });

        Assert.That(user.Href, Does.StartWith("/pulp/default/"));
        Assert.That((byHref.Code, byPrn.Code), Is.EqualTo((201, 201)), byHref.Text + byPrn.Text);
        Assert.That(named, Is.EqualTo(new[] { made.Href }));
        Assert.That(patched.Code, Is.EqualTo(200).Or.EqualTo(202), patched.Text);
    }

    private static string At(string tenant, string href) =>
        href.StartsWith($"/pulp/{tenant}/api/v3/", StringComparison.Ordinal) ? href : $"not in {tenant}";

    /// <summary>An administrator's client whose paths are those of a domain.</summary>
    private PulpClient In(string tenant) => new(Server.Url, "admin", TestServer.Password, new TenantPaths(tenant));

    private sealed class TenantPaths(string tenant) : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var address = request.RequestUri!.ToString();
            request.RequestUri = new Uri(
                address.Replace(PulpClient.Root, $"/pulp/{tenant}/api/v3/", StringComparison.Ordinal)
            );
            return base.SendAsync(request, cancellationToken);
        }
    }
}
