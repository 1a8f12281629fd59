using Microsoft.Extensions.DependencyInjection;
using Pulp.Api.Tests.Roles;
using Pulp.Core.Guards;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;

namespace Pulp.Api.Tests.Guards;

/// <summary>Guards that let in by signed links.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LinkGuardTests(Engine engine) : GuardFixture(engine)
{
    private const string Unsigned = "403: Access not authenticated";
    private const string Expired = "403: Authentication expired";
    private readonly MovableClock _clock = new();

    protected override TimeProvider Clock => _clock;

    private async Task<(string Path, Func<string, string> Sign)> SignedAsync()
    {
        var href = await NewGuardAsync("core/content_redirect");
        var (_, path) = await DistributedAsync(href);
        var guard = await Server
            .Services.GetRequiredService<ResourceStore>()
            .FindAsync<ContentRedirectContentGuard>(
                Server.Services.GetRequiredService<Database>(),
                Reach.Server,
                Guid.Parse(href.Split('/')[^2]),
                CancellationToken.None
            );
        return (
            path,
            to => Server.Services.GetRequiredService<SignedLinks>().Sign(guard!, to, _clock.GetUtcNow().AddHours(1))
        );
    }

    [Test]
    public async Task A_link_opens_its_own_path_for_an_hour()
    {
        var (path, sign) = await SignedAsync();
        var link = sign(path + "file");

        var unsigned = await AskAsync(path + "file");
        var signed = await AskAsync(link);
        var hit = await AskAsync(link + "&more=x");
        var head = await AskAsync(HttpMethod.Head, link);
        var spelled = await AskAsync(link.Replace("/file?", "/f%69le?", StringComparison.Ordinal));
        var escaped = await AskAsync(link.Replace(":", "%3A", StringComparison.Ordinal));
        _clock.Advance(TimeSpan.FromMinutes(61));
        var late = await AskAsync(link);

        Assert.Multiple(() =>
        {
            Assert.That(unsigned.Text, Is.EqualTo(Unsigned));
            Assert.That(new[] { signed, hit, spelled, escaped }.Select(a => a.Text), Has.All.EqualTo(Content));
            Assert.That(head.Code, Is.EqualTo(200));
            Assert.That(late.Text, Is.EqualTo(Expired));
        });
    }

    [Test]
    public async Task Whoever_may_change_the_guard_signs_links_by_the_API()
    {
        var href = await NewGuardAsync("core/content_redirect");
        var (_, path) = await DistributedAsync(href);
        using var owner = await Server.NewUserAsync();
        using var viewer = await Server.NewUserAsync();
        await Api.GiveAsync(owner.Href, "core.contentredirectcontentguard_owner", href);
        await Api.GiveAsync(viewer.Href, "core.contentredirectcontentguard_viewer", href);

        var byPath = await owner.Api.PostAsync(href + "sign/", new { url = path + "f%69le", lifetime = 60 });
        var byUrl = await Api.PostAsync(href + "sign/", new { url = $"https://pulp.example.org:8443{path}file?x=1" });
        var link = (string?)byPath.Json?["url"] ?? "";
        var whole = new Uri((string?)byUrl.Json?["url"] ?? "");
        var opened = await AskAsync(link);
        var openedByUrl = await AskAsync(whole.PathAndQuery);
        var refused = await viewer.Api.PostAsync(href + "sign/", new { url = path + "file" });
        object[] wrong =
        [
            new { },
            new { url = "" },
            new { url = "file" },
            new { url = "ftp://a/b" },
            new { url = "//" },
            new { url = path, lifetime = 0 },
            new { url = path, lifetime = 604_801 },
            new { url = path, lifetime = "long" },
        ];
        var faults = new List<Answer>();
        foreach (var body in wrong)
        {
            faults.Add(await Api.PostAsync(href + "sign/", body));
        }

        _clock.Advance(TimeSpan.FromSeconds(61));
        var late = await AskAsync(link);

        Assert.Multiple(() =>
        {
            Assert.That(opened.Text, Is.EqualTo(Content), byPath.Text);
            Assert.That(whole.GetLeftPart(UriPartial.Authority), Is.EqualTo("https://pulp.example.org:8443"));
            Assert.That(openedByUrl.Text, Is.EqualTo(Content), byUrl.Text);
            Assert.That(refused.Code, Is.EqualTo(403), refused.Text);
            Assert.That(
                faults.Select(f => f.Code),
                Has.All.EqualTo(400),
                string.Join('\n', faults.Select(f => f.Text))
            );
            Assert.That(late.Text, Is.EqualTo(Expired));
        });
    }

    [Test]
    public async Task Plugins_sign_links_for_a_guard_and_for_no_other_kind()
    {
        var links = Server.Services.GetRequiredService<ISignedLinks>();
        var (href, other) = (await NewGuardAsync("core/content_redirect"), await NewGuardAsync("core/rbac"));
        var (_, path) = await DistributedAsync(href);
        static Guid Id(string href) => Guid.Parse(href.Split('/')[^2]);
        Task<string> Sign(Guid guard, string to, int seconds) =>
            links.SignAsync(guard, to, TimeSpan.FromSeconds(seconds), CancellationToken.None);

        Assert.That((await AskAsync(await Sign(Id(href), path + "file", 30))).Text, Is.EqualTo(Content));
        Assert.That(() => Sign(Id(other), path, 30), Throws.InstanceOf<NotFoundException>());
        Assert.That(() => Sign(Guid.NewGuid(), path, 30), Throws.InstanceOf<NotFoundException>());
        Assert.That(() => Sign(Id(href), "file", 30), Throws.ArgumentException);
        Assert.That(() => Sign(Id(href), path, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task Nothing_else_is_opened_by_a_link()
    {
        var (path, sign) = await SignedAsync();
        var (other, otherSign) = await SignedAsync();
        var query = sign(path + "file").Split('?')[1];
        var expires = query.Split('&')[0];
        var token = query.Split('=')[^1];
        string[] forged =
        [
            $"{path}?{query}",
            $"{path}nothing?{query}",
            $"{other}file?{query}",
            $"{path}file?{otherSign(path + "file").Split('?')[1]}",
            $"{path}file?{expires}",
            $"{path}file?validate_token={token}",
            $"{path}file?{expires}0&validate_token={token}",
            $"{path}file?expires=99999999999&{query}",
            $"{path}file?{expires}&expires=99999999999&validate_token={token}",
            $"{path}file?{expires}&validate_token=",
            $"{path}file?{expires}&validate_token=:",
            $"{path}file?{expires}&validate_token={token[..^1]}",
            $"{path}file?{expires}&validate_token={token}{token}",
            $"{path}file?{expires}&validate_token={token.Split(':')[0]}",
            $"{path}file?{expires}&validate_token=zz:{new string('z', 64)}",
            $"{path}file?{expires}&validate_token=é:{token.Split(':')[1]}",
            $"{path}file?expires=-1&validate_token={token}",
            $"{path}file?expires=1e99&validate_token={token}",
            $"{path}file?expires={new string('9', 400)}&validate_token={token}",
            $"{path}file?a=b%26{query}",
        ];
        var answers = new List<Answer>();
        foreach (var link in forged)
        {
            answers.Add(await AskAsync(link));
        }

        Assert.That(
            forged.Zip(answers).Where(a => a.Second.Code != 403 || a.Second.Text != Unsigned).Select(a => a.First),
            Is.Empty
        );
    }

    [Test]
    public async Task Its_key_is_shown_to_nobody()
    {
        var href = await NewGuardAsync("core/content_redirect", new { description = "links" });

        var read = await Api.GetAsync(href);
        var given = await Api.PatchAsync(href, new { shared_secret = "mine" });

        Assert.Multiple(() =>
        {
            Assert.That(
                read.Json?.AsObject().Select(m => m.Key),
                Is.EquivalentTo(
                    new[] { "pulp_href", "prn", "pulp_created", "pulp_last_updated", "name", "description" }
                )
            );
            Assert.That(given.Code, Is.EqualTo(400));
        });
    }
}
