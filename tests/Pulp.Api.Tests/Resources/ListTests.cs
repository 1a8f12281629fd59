namespace Pulp.Api.Tests.Resources;

/// <summary>Lists: filters, expressions, pages and the generic ones.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class ListTests(Engine engine) : ApiFixture(engine)
{
    private const string Remotes = "remotes/file/file/";

    private static object Remote(string? name = null) =>
        new { name = name ?? PulpClient.Unique(), url = "http://127.0.0.1:1/PULP_MANIFEST" };

    [TestCase("name={0}-a", "a")]
    [TestCase("name__in={0}-a,{0}-C", "a,C")]
    [TestCase("name__contains={0}-b", "b")]
    [TestCase("name__icontains={0}-c", "C")]
    [TestCase("name__contains={0}-c", "")]
    [TestCase("name__iexact={0}-c", "C")]
    [TestCase("name__startswith={0}-&name__regex=-[ab]$", "a,b")]
    [TestCase("name__startswith={0}-&name__iregex=-[bc]$", "b,C")]
    [TestCase("name__startswith={0}-&pulp_label_select=env=prod", "a")]
    [TestCase("name__startswith={0}-&pulp_label_select=env!=prod", "b")]
    [TestCase("name__startswith={0}-&pulp_label_select=env", "a,b")]
    [TestCase("name__startswith={0}-&pulp_label_select=!env", "C")]
    [TestCase("name__startswith={0}-&pulp_label_select=env~RO", "a")]
    [TestCase("q=name__startswith={0}- AND NOT (name={0}-a OR name=\"{0}-b\")", "C")]
    [TestCase("q=name__startswith={0}- AND pulp_label_select=\"env=dev\"", "b")]
    public async Task Lists_are_filtered(string query, string expected)
    {
        var prefix = PulpClient.Unique();
        await Api.PostAsync(
            Remotes,
            new
            {
                name = prefix + "-a",
                url = "http://x/",
                pulp_labels = new { env = "prod" },
            }
        );
        await Api.PostAsync(
            Remotes,
            new
            {
                name = prefix + "-b",
                url = "http://x/",
                pulp_labels = new { env = "dev" },
            }
        );
        await Api.PostAsync(Remotes, new { name = prefix + "-C", url = "http://x/" });

        var list = await Api.GetAsync($"{Remotes}?ordering=name&{Escape(string.Format(query, prefix))}");

        var names = list.Results.Select(r => ((string?)r["name"] ?? "")[(prefix.Length + 1)..]);
        Assert.That(names, Is.EquivalentTo(expected.Split(',', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Test]
    public async Task A_page_too_large_for_one_piece_comes_whole()
    {
        // About 1 MB of JSON, several times what is held back before the first byte is sent.
        const int units = 2_000;
        for (var i = 0; i < units; i++)
        {
            Upstream.With($"f{i}", $"{i}");
        }

        Upstream.Listed();
        var (repository, _) = await SyncedAsync("on_demand");
        var list = $"content/file/files/?repository_version={repository}versions/1/";

        var whole = await Api.GetAsync($"{list}&limit={units}");
        var pages = new List<string?>();
        for (var offset = 0; offset < units; offset += 300)
        {
            var page = await Api.GetAsync($"{list}&limit=300&offset={offset}");
            pages.AddRange(page.Results.Select(r => r.ToJsonString()));
        }

        Assert.That(whole.Results.Select(r => r.ToJsonString()), Is.EqualTo(pages));
        Assert.That(pages.Distinct().Count(), Is.EqualTo(units));
    }

    [TestCase("remotes/file/file/", "name,pulp_created,pk,-url,policy")]
    [TestCase("content/file/files/", "relative_path,pulp_created,-pulp_last_updated")]
    [TestCase("distributions/file/file/", "-base_path,name")]
    [TestCase("repositories/", "name")]
    [TestCase("repository_versions/", "-number,pulp_created")]
    [TestCase("tasks/", "name,-started_at")]
    [TestCase("artifacts/", "size,sha256")]
    public async Task Whole_lists_can_be_ordered_by_any_member(string list, string members)
    {
        foreach (var member in members.Split(','))
        {
            var answer = await Api.GetAsync($"{list}?limit=5&ordering={member}");

            Assert.That(answer.Code, Is.EqualTo(200), member);
        }
    }

    [Test]
    public async Task What_is_named_again_orders_nothing_more()
    {
        var again = string.Join(',', Enumerable.Repeat("name,-name,pk", 2000));

        var answer = await Api.GetAsync($"{Remotes}?limit=5&ordering={again}");

        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
    }

    [TestCase("repositories/", "pulp_label_select", "k{0}=v")]
    [TestCase("repositories/", "pulp_label_select", "!k{0}")]
    [TestCase("roles/", "contains_permission", "file.p{0}")]
    [TestCase("tasks/", "reserved_resources__in", "prn:{0}")]
    public async Task Filters_take_as_many_values_as_fit_into_an_address(string list, string filter, string value)
    {
        var values = string.Join(',', Enumerable.Range(0, 3000).Select(i => string.Format(null, value, i)));

        var answer = await Api.GetAsync($"{list}?limit=5&{filter}={Uri.EscapeDataString(values)}");

        Assert.That(answer.Code, Is.EqualTo(200), answer.Text);
    }

    private static string Escape(string query) =>
        string.Join(
            '&',
            query.Split('&').Select(p => p[..(p.IndexOf('=') + 1)] + Uri.EscapeDataString(p[(p.IndexOf('=') + 1)..]))
        );

    [TestCase("bogus=1", "errors", "Invalid Filter: 'bogus'")]
    [TestCase("ordering=bogus", "ordering", "Select a valid choice. bogus is not one of the available choices.")]
    [TestCase("ordering=password", "ordering", "Select a valid choice. password is not one of the available choices.")]
    [TestCase("name__regex=(", "name__regex", "Enter a valid regular expression.")]
    [TestCase("pulp_last_updated=yesterday", "pulp_last_updated", "Enter a valid date/time.")]
    [TestCase("pulp_id__in=x", "pulp_id__in", "Enter a valid UUID: x")]
    [TestCase("q=name=", "q", "Syntax error in expression: expected 'filter=value'.")]
    [TestCase("q=bogus=1", "q", "Filter 'bogus' does not exist.")]
    public async Task Filters_that_make_no_sense_are_400(string query, string field, string message)
    {
        var answer = await Api.GetAsync($"{Remotes}?{Escape(query)}");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?[field]?[0]?.ToString(), Is.EqualTo(message));
        });
    }

    [Test]
    public async Task Pages_have_absolute_links_with_sorted_parameters()
    {
        var prefix = PulpClient.Unique();
        for (var i = 0; i < 3; i++)
        {
            await Api.PostAsync(Remotes, Remote($"{prefix}{i}"));
        }

        var first = await Api.GetAsync($"{Remotes}?name__startswith={prefix}&limit=2&fields=name");
        var second = await Api.GetAsync((string?)first.Json?["next"] is { } next ? new Uri(next).PathAndQuery : "");
        var past = await Api.GetAsync($"{Remotes}?name__startswith={prefix}&offset=100&limit=x");

        Assert.Multiple(() =>
        {
            Assert.That((int?)first.Json?["count"], Is.EqualTo(3));
            Assert.That(
                (string?)first.Json?["next"],
                Does.StartWith(Server.Url)
                    .And.Contain("?fields=name&limit=2&name__startswith=")
                    .And.EndsWith("&offset=2")
            );
            Assert.That(first.Results.Select(r => r.AsObject().Count), Has.All.EqualTo(1));
            Assert.That(
                first.Results.Select(r => (string?)r["name"]),
                Is.EqualTo(new[] { prefix + "2", prefix + "1" }),
                "newest first"
            );
            Assert.That(second.Results.Select(r => (string?)r["name"]), Is.EqualTo(new[] { prefix + "0" }));
            Assert.That(past.Code, Is.EqualTo(200));
            Assert.That(past.Results, Is.Empty);
            Assert.That(past.Json?["previous"], Is.Not.Null);
        });
    }

    [Test]
    public async Task Generic_lists_show_every_kind_with_its_own_href()
    {
        var remote = await Api.PostAsync(Remotes, Remote());

        var list = await Api.GetAsync($"remotes/?pulp_href__in={remote.Href}&pulp_type=file.file");
        var byPrn = await Api.GetAsync($"remotes/?prn__in={(string?)remote.Json?["prn"]}&exclude_fields=url");

        Assert.Multiple(() =>
        {
            Assert.That(list.Results.Select(r => (string?)r["pulp_href"]), Is.EqualTo(new[] { remote.Href }));
            Assert.That(
                byPrn.Results.Select(r => (string?)r["prn"]),
                Is.EqualTo(new[] { (string?)remote.Json?["prn"] })
            );
            Assert.That(byPrn.Results[0]["url"], Is.Null);
        });
    }

    [Test]
    public async Task A_label_selectors_value_may_hold_what_operators_are_made_of()
    {
        var answer = await Api.GetAsync($"{Remotes}?{Escape("pulp_label_select=a b=c=(")}");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(200));
            Assert.That(answer.Results, Is.Empty);
        });
    }
}
