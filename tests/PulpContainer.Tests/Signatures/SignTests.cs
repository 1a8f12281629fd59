using PulpContainer.Tests.Clients;

namespace PulpContainer.Tests.Signatures;

/// <summary>Images are signed here, and real clients look at the signatures.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignTests(Engine engine) : SignatureFixture(engine)
{
    [Test]
    public async Task Tags_are_signed_with_all_that_an_index_lists()
    {
        var name = NewName();
        var (one, listed) = (TestImage.New(), TestImage.New());
        await PushAsync(name, "1", one);
        await PushAsync(name, listed.Digest, listed);
        var index = TestImage.Index(listed);
        await PutManifestAsync(name, "all", index, TestImage.OciIndex);
        await PutManifestAsync(name, TestImage.DigestOf(one.Manifest).Replace(':', '-') + ".sig", one.Manifest);
        var repository = await RepositoryAsync(name);
        await Api.PatchAsync(repository, new { manifest_signing_service = Service });

        var version = await Api.CreatedAsync(await Api.PostAsync(repository + "sign/", new { }), "/versions/");

        var signatures = await Api.GetAsync($"content/container/signatures/?repository_version={version}");
        var ofOne = await SignaturesAsync(name, one.Digest);
        var ofListed = await SignaturesAsync(name, listed.Digest);
        var unit = signatures.Results[0];
        Assert.Multiple(() =>
        {
            Assert.That(signatures.Results, Has.Count.EqualTo(3), "of an image, an index and what it lists");
            Assert.That((string?)unit["key_id"], Is.EqualTo(Key.Id));
            Assert.That((string?)unit["type"], Is.EqualTo("atomic"));
            Assert.That((string?)unit["creator"], Is.EqualTo("tests"));
            Assert.That((long?)unit["timestamp"], Is.GreaterThan(1_700_000_000));
            Assert.That((string?)unit["digest"], Does.Match("^sha256:[0-9a-f]{64}$"));
            Assert.That(ofOne, Has.Count.EqualTo(1));
            Assert.That((string?)ofOne[0]?["name"], Does.Match($"^{one.Digest}@[0-9a-f]{{32}}$"));
            Assert.That(ofListed, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Only_the_named_tags_are_signed_and_unknown_ones_refused()
    {
        var name = NewName();
        var (one, two) = (TestImage.New(), TestImage.New());
        await PushAsync(name, "1", one);
        await PushAsync(name, "2", two);
        var repository = await RepositoryAsync(name);

        var nobody = await Api.PostAsync(repository + "sign/", new { tags_list = new[] { "1" } });
        var unknown = await Api.PostAsync(
            repository + "sign/",
            new { manifest_signing_service = Service, tags_list = new[] { "1", "3" } }
        );
        var elsewhere = await Api.PostAsync(
            repository + "sign/",
            new { manifest_signing_service = Service, future_base_path = "a/b" }
        );
        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "sign/",
                new { manifest_signing_service = Service, tags_list = new[] { "1" } }
            )
        );

        var (first, second) = (await SignaturesAsync(name, one.Digest), await SignaturesAsync(name, two.Digest));
        Assert.Multiple(() =>
        {
            Assert.That(nobody.Text, Does.Contain("This field is required since a signing_service is not set"));
            Assert.That(unknown.Text, Does.Contain("The tag '3' is not in the latest version"));
            Assert.That(elsewhere.Text, Does.Contain("cannot be set since this repo has a single distribution"));
            Assert.That((nobody.Code, unknown.Code, elsewhere.Code), Is.EqualTo((400, 400, 400)));
            Assert.That((first.Count, second.Count), Is.EqualTo((1, 0)));
        });
    }

    [Test]
    public async Task A_service_that_signs_something_else_is_refused()
    {
        var script = Key.Script(
            "detach",
            """
            gpg --quiet --armor --detach-sign --output "$1.asc" "$1"
            printf '{"signature": "%s.asc"}' "$1"
            """
        );
        var other = await AddServiceAsync("files", script, "core:AsciiArmoredDetachedSigningService");
        var name = NewName();
        await PushAsync(name, "1", TestImage.New());
        var repository = await RepositoryAsync(name);

        var onRepository = await Api.PatchAsync(repository, new { manifest_signing_service = other });
        var once = await Api.PostAsync(repository + "sign/", new { manifest_signing_service = other });

        Assert.That((onRepository.Code, once.Code), Is.EqualTo((400, 400)));
        Assert.That(once.Text, Does.Contain("doesn't sign manifests"));
    }

    [Test]
    public async Task Who_owns_a_repository_may_name_the_service_that_an_administrator_set()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1", image);
        var repository = await RepositoryAsync(name);
        await Api.CompletedAsync(await Api.PatchAsync(repository, new { manifest_signing_service = Service }));
        var user = PulpClient.Unique();
        var account = await Api.PostAsync("users/", new { username = user, password = "a good one 1" });
        await Api.PostAsync(
            account.Href + "roles/",
            new { role = "container.containerrepository_owner", content_object = repository }
        );
        using var owner = new PulpClient(Server.Url, user, "a good one 1");

        var read = (await owner.GetAsync(repository)).Json;
        var back = await owner.PutAsync(
            repository,
            new { name, manifest_signing_service = (string?)read?["manifest_signing_service"] }
        );
        var signed = await owner.PostAsync(repository + "sign/", new { manifest_signing_service = Service });
        var unknown = await owner.PatchAsync(
            repository,
            new { manifest_signing_service = $"/pulp/api/v3/signing-services/{Guid.NewGuid()}/" }
        );
        var list = await owner.GetAsync("signing-services/");

        Assert.That((back.Code, signed.Code), Is.EqualTo((200, 202)), back.Text + signed.Text);
        await Api.CompletedAsync(signed);
        Assert.That((unknown.Code, list.Code), Is.EqualTo((400, 403)));
        Assert.That(await SignaturesAsync(name, image.Digest), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Skopeo_pulls_what_is_signed_and_nothing_else()
    {
        using var tools = new ContainerTools();
        var name = NewName();
        await PushAsync(name, "signed", TestImage.New());
        await PushAsync(name, "plain", TestImage.New());
        var repository = await RepositoryAsync(name);
        await Api.CompletedAsync(
            await Api.PostAsync(
                repository + "sign/",
                new { manifest_signing_service = Service, tags_list = new[] { "signed" } }
            )
        );
        var policy = await PolicyAsync(tools);

        var signed = await CopyAsync(tools, policy, $"{name}:signed", "one");
        var plain = await CopyAsync(tools, policy, $"{name}:plain", "two");

        Assert.Multiple(() =>
        {
            Assert.That(signed.Code, Is.Zero, signed.Output);
            Assert.That(plain.Code, Is.Not.Zero);
            Assert.That(plain.Output, Does.Contain("no signature exists"));
        });
    }

    [Test]
    public async Task Skopeo_signs_what_it_pushes()
    {
        using var tools = new ContainerTools();
        var name = NewName();
        await PushAsync($"{name}/source", "1", TestImage.New());
        Directory.CreateSymbolicLink(Path.Combine(tools.Home, ".gnupg"), Key.Home);
        var nowhere = tools.NewDirectory("registries.d");

        var pushed = await tools.RunAsync(
            "skopeo",
            "--insecure-policy",
            "--registries.d",
            nowhere,
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--dest-creds",
            $"admin:{TestServer.Password}",
            "--sign-by",
            Key.Fingerprint,
            $"docker://{Host}/{name}/source:1",
            $"docker://{Host}/{name}/signed:1"
        );
        var pulled = await CopyAsync(tools, await PolicyAsync(tools), $"{name}/signed:1", "back");

        var units = await Api.GetAsync($"content/container/signatures/?key_id={Key.Id}");
        Assert.Multiple(() =>
        {
            Assert.That(pushed.Code, Is.Zero, pushed.Output);
            Assert.That(pulled.Code, Is.Zero, pulled.Output);
            Assert.That(
                units.Results.Select(u => (string?)u["creator"]),
                Has.Some.StartsWith("atomic").Or.Some.StartsWith("containers")
            );
        });
    }

    private Task<ToolRun> CopyAsync(ContainerTools tools, string policy, string image, string directory) =>
        tools.RunAsync(
            "skopeo",
            "--policy",
            policy,
            "--registries.d",
            tools.NewDirectory("registries.d"),
            "copy",
            "--src-tls-verify=false",
            $"docker://{Host}/{image}",
            $"dir:{tools.NewDirectory(directory)}"
        );

    /// <summary>A policy that takes nothing but what the key signed.</summary>
    private async Task<string> PolicyAsync(ContainerTools tools)
    {
        var key = tools.Write(
            "key.asc",
            Encoding.UTF8.GetBytes(await Key.GpgAsync("--armor", "--export", Key.Fingerprint))
        );
        var signedBy = new JsonArray(
            new JsonObject
            {
                ["type"] = "signedBy",
                ["keyType"] = "GPGKeys",
                ["keyPath"] = key,
            }
        );
        return tools.Write(
            "signed.json",
            Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["default"] = new JsonArray(new JsonObject { ["type"] = "reject" }),
                    ["transports"] = new JsonObject { ["docker"] = new JsonObject { [Host] = signedBy } },
                }.ToJsonString()
            )
        );
    }
}
