using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Pulp.Api.Tests.Status;

/// <summary>What a person with a browser finds, and what API clients find in the same place.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed partial class StartPageTests(Engine engine) : ApiFixture(engine)
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Test]
    public async Task A_browser_finds_what_runs_here_and_links_that_work()
    {
        var page = await GetAsync("/", Browser);
        var links = Links().Matches(page.Text).Select(m => m.Groups["link"].Value).ToList();

        Assert.That(page.Code, Is.EqualTo(200), page.Text);
        Assert.That(
            links,
            Is.SupersetOf(new[] { "/pulp/content/", "/pulp/api/v3/docs/", "/pulp/api/v3/", "/pulp/api/v3/status/" })
        );
        Assert.That(page.Text, Does.Match(@"core \d+\.\d+\.\d+, .*file \d+"));
        foreach (var link in links)
        {
            Assert.That((await GetAsync(link, Browser)).Code, Is.EqualTo(200), link);
        }
    }

    [Test]
    public async Task The_page_is_allowed_its_own_style_and_nothing_else()
    {
        var page = await GetAsync("/", Browser);
        var style = Style().Match(page.Text).Groups["css"].Value;

        Assert.That(
            page.Headers.GetValues("Content-Security-Policy").Single(),
            Does.StartWith("default-src 'none'")
                .And.Contain($"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'")
        );
        Assert.That(page.Text, Does.Not.Contain("style=").And.Not.Contain("<script"));
    }

    [Test]
    public async Task The_address_in_the_page_is_the_clients_and_is_encoded()
    {
        var page = await Api.SendContentAsync(
            HttpMethod.Get,
            "/",
            content: null,
            r =>
            {
                r.Headers.Add("Accept", Browser);
                r.Headers.Host = "pulp.example.com:8443";
            }
        );

        Assert.That(page.Text, Does.Contain("--base-url http://pulp.example.com:8443 "));
    }

    [Test]
    public async Task An_api_client_still_finds_nothing_at_the_root()
    {
        var any = await GetAsync("/", "*/*");
        var json = await GetAsync("/", "application/json");
        var post = await Api.SendContentAsync(
            HttpMethod.Post,
            "/",
            content: null,
            r => r.Headers.Add("Accept", Browser)
        );

        Assert.Multiple(() =>
        {
            foreach (var answer in new[] { any, json, post })
            {
                Assert.That(answer.Code, Is.EqualTo(404));
                Assert.That((string?)answer.Json?["detail"], Is.EqualTo("Not found."));
            }
        });
    }

    [Test]
    public async Task The_api_document_has_the_same_look()
    {
        var page = await GetAsync("/", Browser);
        var style = await GetAsync("/pulp/api/v3/docs/docs.css", "text/css");
        var absent = await GetAsync("/pulp/api/v3/docs/other.css", "*/*");

        Assert.Multiple(() =>
        {
            Assert.That(style.Text, Does.StartWith(Style().Match(page.Text).Groups["css"].Value));
            Assert.That(style.Text, Does.Contain("summary {"));
            Assert.That(absent.Code, Is.EqualTo(404));
            Assert.That((string?)absent.Json?["detail"], Is.EqualTo("Not found."));
        });
    }

    private Task<Answer> GetAsync(string path, string accept) =>
        Api.SendContentAsync(HttpMethod.Get, path, content: null, r => r.Headers.Add("Accept", accept));

    [GeneratedRegex("href=\"(?<link>[^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<style>(?<css>.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
