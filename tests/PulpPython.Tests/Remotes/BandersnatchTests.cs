namespace PulpPython.Tests.Remotes;

/// <summary>Remotes that are made of a configuration of bandersnatch.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BandersnatchTests(Engine engine) : ApiFixture(engine)
{
    private const string Everything = """
        ; a comment
        [mirror]
        directory = /srv/pypi
        master = https://mirror.example.com/
        workers = 7

        [plugins]
        enabled =
            allowlist_project
            allowlist_release
            blocklist_project
            regex_release_file_metadata
            latest_release
            exclude_platform

        [allowlist]
        packages =
            # another
            Django>=4,<5
            requests

        [blocklist]
        packages = example1
            example2
        platforms =
            windows
            macos

        [regex_release_file_metadata]
        any:release_file.packagetype =
            sdist
            bdist_wheel

        [latest_release]
        keep = 3
        """;

    [Test]
    public async Task What_it_says_is_what_the_remote_takes()
    {
        var answer = await CreateAsync(Everything, "immediate");

        var remote = answer.Json;
        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(201), answer.Text);
            Assert.That((string?)remote?["url"], Is.EqualTo("https://mirror.example.com/"));
            Assert.That((string?)remote?["policy"], Is.EqualTo("immediate"));
            Assert.That((long?)remote?["download_concurrency"], Is.EqualTo(7));
            Assert.That((bool?)remote?["prereleases"], Is.True, "nothing leaves them out");
            Assert.That(remote?["includes"]?.ToJsonString(), Is.EqualTo("[\"Django\\u003E=4,\\u003C5\",\"requests\"]"));
            Assert.That(remote?["excludes"]?.ToJsonString(), Is.EqualTo("[\"example1\",\"example2\"]"));
            Assert.That(remote?["package_types"]?.ToJsonString(), Is.EqualTo("[\"sdist\",\"bdist_wheel\"]"));
            Assert.That(remote?["exclude_platforms"]?.ToJsonString(), Is.EqualTo("[\"windows\",\"macos\"]"));
            Assert.That((long?)remote?["keep_latest_packages"], Is.EqualTo(3));
        });
    }

    [Test]
    public async Task What_is_not_enabled_does_not_count()
    {
        var all = await CreateAsync(
            "[mirror]\nmaster = https://pypi.org\n[plugins]\nenabled = all\n[blocklist]\npackages =\n  a\n"
        );
        var none = await CreateAsync("[mirror]\n[blocklist]\npackages =\n  a\n");

        Assert.Multiple(() =>
        {
            Assert.That((bool?)all.Json?["prereleases"], Is.False);
            Assert.That(all.Json?["excludes"]?.ToJsonString(), Is.EqualTo("[\"a\"]"));
            Assert.That((string?)all.Json?["policy"], Is.EqualTo("on_demand"));
            Assert.That(none.Json?["excludes"]?.ToJsonString(), Is.EqualTo("[]"));
            Assert.That((string?)none.Json?["url"], Is.EqualTo("https://pypi.org"));
            Assert.That((long?)none.Json?["download_concurrency"], Is.EqualTo(3));
        });
    }

    [TestCase("", "config")]
    [TestCase("just text", "config")]
    [TestCase("[mirror]\nworkers = many\n", "config")]
    [TestCase("[mirror]\nmaster = not a url\n", "url")]
    [TestCase("[mirror]\n[plugins]\nenabled = all\n[allowlist]\npackages =\n  >=1\n", "includes")]
    [TestCase("[mirror]\n[plugins]\nenabled = all\n[blocklist]\nplatforms =\n  amiga\n", "exclude_platforms")]
    public async Task What_can_not_be_taken_is_told(string config, string field)
    {
        var answer = await CreateAsync(config);

        Assert.That(answer.Code, Is.EqualTo(400), answer.Text);
        Assert.That(answer.Json?[field], Is.Not.Null, answer.Text);
    }

    private Task<Answer> CreateAsync(string config, string? policy = null)
    {
        var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(config)), "config", "bandersnatch.conf" },
            { new StringContent(PulpClient.Unique()), "name" },
        };
        if (policy is not null)
        {
            form.Add(new StringContent(policy), "policy");
        }

        return Api.SendContentAsync(HttpMethod.Post, "remotes/python/python/from_bandersnatch/", form);
    }
}
