using System.Net.Http.Headers;

namespace PulpPython.Tests.Packages;

/// <summary>Packages that come through the API.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class PackageTests(Engine engine) : PythonFixture(engine)
{
    private const string More =
        "Author: Ada\nAuthor-email: ada@example.com\nKeywords: tea,coffee\nRequires-Python: >=3.8\nRequires-Dist: cup (>=1)\n"
        + "Requires-Dist: spoon; extra == 'sugar'\nProvides-Extra: sugar\nClassifier: Topic :: Tea\nProject-URL: Home, https://example.com/\n"
        + "License: MIT\nDescription-Content-Type: text/markdown";

    [Test]
    public async Task A_wheel_tells_everything_itself()
    {
        var name = PulpClient.Unique();
        var package = TestPackage.Wheel(name, "1.0", More);

        var unit = (await Api.GetAsync(await NewPackageAsync(package))).Json;

        Assert.Multiple(() =>
        {
            Assert.That((string?)unit?["name"], Is.EqualTo(name));
            Assert.That((string?)unit?["version"], Is.EqualTo("1.0"));
            Assert.That((string?)unit?["filename"], Is.EqualTo(package.Filename));
            Assert.That((string?)unit?["packagetype"], Is.EqualTo("bdist_wheel"));
            Assert.That((string?)unit?["python_version"], Is.EqualTo("py3"));
            Assert.That((long?)unit?["size"], Is.EqualTo(package.Bytes.Length));
            Assert.That((string?)unit?["sha256"], Is.EqualTo(package.Sha256));
            Assert.That((string?)unit?["metadata_sha256"], Is.EqualTo(package.MetadataSha256));
            Assert.That((string?)unit?["author"], Is.EqualTo("Ada"));
            Assert.That((string?)unit?["requires_python"], Is.EqualTo(">=3.8"));
            Assert.That((string?)unit?["requires_dist"], Is.EqualTo("""["cup (>=1)","spoon; extra == 'sugar'"]"""));
            Assert.That((string?)unit?["provides_extras"], Is.EqualTo("""["sugar"]"""));
            Assert.That((string?)unit?["project_urls"], Is.EqualTo("""{"Home":"https://example.com/"}"""));
            Assert.That((string?)unit?["obsoletes_dist"], Is.EqualTo("[]"));
            Assert.That((string?)unit?["description"], Does.Contain("long *text*"));
            Assert.That(unit?["provenance"], Is.Null);
        });
    }

    [TestCase(".tar.gz")]
    [TestCase(".zip")]
    [TestCase(".tar.bz2")]
    [TestCase(".tar")]
    public async Task An_sdist_is_made_in_a_task_and_added(string extension)
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Source(PulpClient.Unique(), "2.0", extension: extension);

        var task = await Api.CompletedAsync(
            await Api.SendContentAsync(
                HttpMethod.Post,
                "content/python/packages/",
                Form(package, "file", [("relative_path", package.Filename), ("repository", repository)])
            )
        );

        var file = await Api.GetAsync($"/pulp/content/{path}/{package.Filename}");
        Assert.Multiple(() =>
        {
            Assert.That(task["created_resources"]?.AsArray(), Has.Count.EqualTo(2));
            Assert.That(file.Code, Is.EqualTo(200));
            Assert.That((string?)task["result"]?["packagetype"], Is.EqualTo("sdist"));
            Assert.That((string?)task["result"]?["python_version"], Is.EqualTo("source"));
        });
    }

    [Test]
    public async Task The_metadata_of_a_wheel_is_served_beside_it()
    {
        var (repository, path) = await NewIndexAsync();
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        await AddAsync(repository, package);

        var metadata = await Api.Http.GetByteArrayAsync($"/pulp/content/{path}/{package.Filename}.metadata");

        Assert.That(metadata, Is.EqualTo(package.Metadata));
    }

    [Test]
    public async Task What_a_repository_does_not_take_leaves_no_unit_and_its_upload_can_be_used_again()
    {
        var (repository, _) = await NewIndexAsync();
        var name = PulpClient.Unique();
        await AddAsync(repository, TestPackage.Wheel(name, "1.0"));
        var other = TestPackage.Wheel(name, "1.0", More);
        var upload = (await Api.PostAsync("uploads/", new { size = other.Bytes.Length })).Href;
        using var chunk = new MultipartFormDataContent { { new ByteArrayContent(other.Bytes), "file", "chunk" } };
        chunk.Headers.ContentRange = new ContentRangeHeaderValue(0, other.Bytes.Length - 1, other.Bytes.Length);
        await Api.SendContentAsync(HttpMethod.Put, upload, chunk);
        Task<Answer> SendAsync(bool overwrite) =>
            Api.SendContentAsync(
                HttpMethod.Post,
                "content/python/packages/",
                PulpClient.Form(
                    null,
                    new
                    {
                        relative_path = other.Filename,
                        repository,
                        upload,
                        overwrite,
                    }
                )
            );

        var refused = await Api.EndOfAsync((await SendAsync(overwrite: false)).Task);
        var units = await Api.GetAsync($"content/python/packages/?sha256={other.Sha256}");
        var metadata = await Api.GetAsync($"artifacts/?sha256={other.MetadataSha256}");
        await Api.CompletedAsync(await SendAsync(overwrite: true));

        Assert.Multiple(() =>
        {
            Assert.That((string?)refused["state"], Is.EqualTo("failed"));
            Assert.That((string?)refused["error"]?["description"], Does.Contain("overwrite"));
            Assert.That(units.Results, Is.Empty);
            Assert.That(metadata.Results, Is.Empty, "what came with the unit");
        });
    }

    [Test]
    public async Task The_same_file_twice_is_one_unit()
    {
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");

        Assert.That(await NewPackageAsync(package), Is.EqualTo(await NewPackageAsync(package)));
    }

    [Test]
    public async Task What_is_no_package_is_refused_with_its_reason()
    {
        var wheel = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var renamed = wheel with { Filename = "other-1.0-py3-none-any.whl" };
        var older = wheel with { Filename = wheel.Filename.Replace("-1.0-", "-0.9-") };
        var broken = wheel with { Bytes = [1, 2, 3] };
        var named = wheel with { Filename = "notes.txt" };

        foreach (var package in new[] { renamed, older, broken, named })
        {
            var answer = await Api.SendContentAsync(
                HttpMethod.Post,
                "content/python/packages/upload/",
                Form(package, "file", [])
            );
            Assert.That((package.Filename, answer.Code), Is.EqualTo((package.Filename, 400)), answer.Text);
        }
    }

    [Test]
    public async Task Lists_filter_by_names_in_any_spelling_and_by_the_order_of_versions()
    {
        var name = "Filter_" + PulpClient.Unique();
        foreach (var version in new[] { "1.0.dev1", "1.0", "1.0.post1", "1.10", "1.9", "2!0.1" })
        {
            await NewPackageAsync(TestPackage.Wheel(name, version));
        }

        async Task<string[]> VersionsOf(string query) =>
            [
                .. (await Api.GetAsync($"content/python/packages/?ordering=version&{query}")).Results.Select(r =>
                    (string?)r["version"] ?? ""
                ),
            ];

        var spelling = name.Replace('_', '-').ToUpperInvariant();
        await Assert.MultipleAsync(async () =>
        {
            Assert.That(await VersionsOf($"name={spelling}"), Has.Length.EqualTo(6));
            Assert.That(await VersionsOf($"name__in={spelling},other"), Has.Length.EqualTo(6));
            Assert.That(await VersionsOf($"name={name}&version__gt=1.9"), Is.EqualTo(new[] { "1.10", "2!0.1" }));
            Assert.That(await VersionsOf($"name={name}&version__lt=1"), Is.EqualTo(new[] { "1.0.dev1" }));
            Assert.That(
                await VersionsOf($"name={name}&version__gte=1.0.0&version__lte=1.9.0"),
                Is.EqualTo(new[] { "1.0", "1.0.post1", "1.9" })
            );
            Assert.That((await Api.GetAsync("content/python/packages/?version__gt=x!")).Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Filters_of_the_contract_are_there()
    {
        var name = PulpClient.Unique();
        var href = await NewPackageAsync(TestPackage.Wheel(name, "1.0", More));
        var sha256 = (string?)(await Api.GetAsync(href)).Json?["sha256"];

        foreach (
            var filter in new[]
            {
                "author=Ada",
                "author__contains=d",
                "author__in=Ada,Bob",
                "keywords__contains=tea",
                "packagetype=bdist_wheel",
                "packagetype__in=sdist,bdist_wheel",
                "requires_python=%3E%3D3.8",
                "requires_python__contains=3.8",
                $"sha256={sha256}",
                $"filename__contains={TestPackage.Module(name)}",
                $"name__contains={name}",
            }
        )
        {
            var found = await Api.GetAsync($"content/python/packages/?name={name}&{filter}");
            Assert.That((filter, found.Code, (int?)found.Json?["count"]), Is.EqualTo((filter, 200, 1)), found.Text);
        }
    }

    [Test]
    public async Task A_bomb_is_refused_before_it_is_unpacked()
    {
        var name = TestPackage.Module(PulpClient.Unique());
        var bomb = TestPackage.Zip([($"{name}-1.0.dist-info/METADATA", new byte[200 * 1024 * 1024])]);
        var package = new TestPackage(name, "1.0", $"{name}-1.0-py3-none-any.whl", bomb, []);
        var (_, path) = await NewIndexAsync();

        var uploaded = await UploadAsync(path, package);
        var sent = await Api.SendContentAsync(
            HttpMethod.Post,
            "content/python/packages/upload/",
            Form(package, "file", [])
        );

        Assert.Multiple(() =>
        {
            Assert.That(bomb, Has.Length.LessThan(1024 * 1024));
            Assert.That((uploaded.Code, sent.Code), Is.EqualTo((400, 400)), uploaded.Text + sent.Text);
        });
    }

    [Test]
    public async Task A_provenance_is_of_its_package_alone()
    {
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var other = await NewPackageAsync(TestPackage.Wheel(PulpClient.Unique(), "1.0"));
        var own = await NewPackageAsync(package);
        var provenance = Encoding.UTF8.GetBytes(
            $$"""{"attestation_bundles":[{"publisher":{"kind":"Test"},"attestations":[{{TestAttestation.Of(package)}}]}],"version":1}"""
        );

        async Task<JsonNode> Send(byte[] file, object fields) =>
            await Api.EndOfAsync((await Api.UploadAsync("content/python/provenance/", file, fields)).Task);

        var good = await Send(provenance, new { package = own });
        var wrong = await Send(provenance, new { package = other });
        var unverified = await Send(provenance, new { package = other, verify = false });
        var senseless = await Send([1, 2, 3], new { package = own });

        Assert.Multiple(() =>
        {
            Assert.That((string?)good["state"], Is.EqualTo("completed"), good.ToJsonString());
            Assert.That((string?)wrong["error"]?["description"], Does.Contain("another name"));
            Assert.That((string?)unverified["state"], Is.EqualTo("completed"), unverified.ToJsonString());
            Assert.That((string?)senseless["state"], Is.EqualTo("failed"));
        });
    }

    [Test]
    public async Task An_attestation_vouches_for_its_own_file_alone()
    {
        var package = TestPackage.Wheel(PulpClient.Unique(), "1.0");
        var attestation = TestAttestation.Of(package);
        var other = TestAttestation.Of(TestPackage.Wheel(PulpClient.Unique(), "1.0"));
        var changed = attestation.Replace("\"signature\":\"M", "\"signature\":\"N", StringComparison.Ordinal);

        Task<Answer> Upload(string attestations) =>
            Api.SendContentAsync(
                HttpMethod.Post,
                "content/python/packages/upload/",
                Form(package, "file", [("attestations", attestations)])
            );

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await Upload($"[{other}]")).Code, Is.EqualTo(400), "another file's");
            Assert.That((await Upload($"[{changed}]")).Code, Is.EqualTo(400), "another signature");
            Assert.That((await Upload("[]")).Code, Is.EqualTo(400), "none");
            Assert.That((await Upload("{")).Code, Is.EqualTo(400), "no JSON");
        });
        var made = await Upload($"[{attestation}]");
        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        var found = await Api.GetAsync($"content/python/provenance/?package={made.Href}");
        Assert.Multiple(() =>
        {
            Assert.That((string?)made.Json?["provenance"], Is.EqualTo((string?)found.Results.Single()["prn"]));
            Assert.That((string?)found.Results[0]["package"], Is.EqualTo(made.Href));
            Assert.That((string?)found.Results[0]["sha256"], Has.Length.EqualTo(64));
            Assert.That(
                (string?)found.Results[0]["provenance"]?["attestation_bundles"]?[0]?["publisher"]?["kind"],
                Is.EqualTo("Pulp User")
            );
        });
    }
}
