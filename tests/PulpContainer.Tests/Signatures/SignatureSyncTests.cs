namespace PulpContainer.Tests.Signatures;

/// <summary>Simple signatures come with the images that are synced: from a registry, here the server itself, and from a directory.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignatureSyncTests(Engine engine) : SignatureFixture(engine)
{
    [Test]
    public async Task Signatures_come_from_a_registry_that_has_them([Values] bool signedOnly)
    {
        var name = NewName();
        var (signed, plain) = (TestImage.New(), TestImage.New());
        await PushAsync(name, "signed", signed);
        await PushAsync(name, "plain", plain);
        await Api.CompletedAsync(
            await Api.PostAsync(
                await RepositoryAsync(name) + "sign/",
                new { manifest_signing_service = Service, tags_list = new[] { "signed" } }
            )
        );

        var (repository, copy) = await SyncAsync(name, Server.Url, sigstore: null, signedOnly);
        var first = await Api.LatestAsync(repository);
        await SyncAgainAsync(repository, signedOnly);

        var tags = (await GetAsync($"{copy}/tags/list")).Json["tags"]?.AsArray().Select(t => (string?)t);
        var (here, there) = (await SignaturesAsync(copy, signed.Digest), await SignaturesAsync(name, signed.Digest));
        Assert.Multiple(() =>
        {
            Assert.That(tags, Is.EqualTo(signedOnly ? ["signed"] : (string[])["plain", "signed"]));
            Assert.That(here.ToJsonString(), Is.EqualTo(there.ToJsonString()));
            Assert.That(here, Has.Count.EqualTo(1));
        });
        Assert.That(await Api.LatestAsync(repository), Is.EqualTo(first), "nothing changed upstream");
    }

    [Test]
    public async Task Signatures_come_from_a_directory()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1", image);
        await Api.CompletedAsync(
            await Api.PostAsync(await RepositoryAsync(name) + "sign/", new { manifest_signing_service = Service })
        );
        var signature = Convert.FromBase64String(
            (string?)(await SignaturesAsync(name, image.Digest))[0]?["content"] ?? ""
        );
        var path = $"sigs/{name}@{image.Digest.Replace(':', '=')}";
        Upstream.Faulty($"{path}/signature-1", context => context.Response.Body.WriteAsync(signature).AsTask());
        Upstream.Faulty(
            $"{path}/signature-2",
            context => context.Response.Body.WriteAsync("junk"u8.ToArray()).AsTask()
        );

        var (repository, copy) = await SyncAsync(name, Server.Url, Upstream.Url + "/sigs", signedOnly: true);

        var task = await SyncAgainAsync(repository, signedOnly: true);
        var warned = (task["progress_reports"]?.AsArray() ?? []).Select(r => (string?)r?["code"]);
        Assert.That(await SignaturesAsync(copy, image.Digest), Has.Count.EqualTo(1));
        Assert.That(warned, Has.Member("container.signature_refused"));
    }

    [Test]
    public async Task What_is_no_signature_of_an_image_does_not_make_it_signed()
    {
        var name = NewName();
        var (signed, junk, others) = (TestImage.New(), TestImage.New(), TestImage.New());
        await PushAsync(name, "signed", signed);
        await PushAsync(name, "junk", junk);
        await PushAsync(name, "others", others);
        await Api.CompletedAsync(
            await Api.PostAsync(
                await RepositoryAsync(name) + "sign/",
                new { manifest_signing_service = Service, tags_list = new[] { "signed" } }
            )
        );
        var signature = Convert.FromBase64String(
            (string?)(await SignaturesAsync(name, signed.Digest))[0]?["content"] ?? ""
        );
        foreach (var (image, bytes) in new[] { (signed, signature), (junk, "junk"u8.ToArray()), (others, signature) })
        {
            Upstream.Faulty(
                $"sigs/{name}@{image.Digest.Replace(':', '=')}/signature-1",
                context => context.Response.Body.WriteAsync(bytes).AsTask()
            );
        }

        var (_, copy) = await SyncAsync(name, Server.Url, Upstream.Url + "/sigs", signedOnly: true);

        var tags = (await GetAsync($"{copy}/tags/list")).Json["tags"]?.AsArray().Select(t => (string?)t);
        Assert.That(tags, Is.EqualTo(["signed"]));
    }

    [Test]
    public async Task Copied_tags_take_along_what_refers_to_their_images_and_signatures()
    {
        var (name, target) = (NewName(), NewName());
        var (listed, other) = (TestImage.New(), TestImage.New());
        var sbom = TestImage.Referrer(listed.Digest, "application/spdx+json");
        var proof = TestImage.Referrer(sbom.Digest, "application/vnd.example.proof");
        var unrelated = TestImage.Referrer(other.Digest, "application/spdx+json");
        await PushAsync(name, listed.Digest, listed);
        await PutManifestAsync(name, "1", TestImage.Index(listed), TestImage.OciIndex);
        await PushAsync(name, "2", other);
        foreach (var artifact in new[] { sbom, proof, unrelated })
        {
            await PushAsync(name, artifact.Digest, artifact);
        }

        var source = await RepositoryAsync(name);
        await Api.CompletedAsync(
            await Api.PostAsync(source + "sign/", new { manifest_signing_service = Service, tags_list = new[] { "1" } })
        );
        await PushAsync(target, "0", TestImage.New());

        await Api.CompletedAsync(
            await Api.PostAsync(
                await RepositoryAsync(target) + "copy_tags/",
                new { source_repository = source, names = new[] { "1" } }
            )
        );

        var ofImage = (await GetAsync($"{target}/referrers/{listed.Digest}")).Json["manifests"]?.AsArray();
        var ofSbom = (await GetAsync($"{target}/referrers/{sbom.Digest}")).Json["manifests"]?.AsArray();
        var stranger = await GetAsync($"{target}/manifests/{unrelated.Digest}");
        var signatures = await SignaturesAsync(target, listed.Digest);
        Assert.Multiple(() =>
        {
            Assert.That((string?)ofImage?.Single()?["digest"], Is.EqualTo(sbom.Digest));
            Assert.That((string?)ofSbom?.Single()?["digest"], Is.EqualTo(proof.Digest));
            Assert.That(stranger.Status, Is.EqualTo(404));
            Assert.That(signatures, Has.Count.EqualTo(1));
        });
    }

    private async Task<(string Repository, string Name)> SyncAsync(
        string upstreamName,
        string url,
        string? sigstore,
        bool signedOnly
    )
    {
        var name = NewName();
        var remote = await Api.PostAsync(
            "remotes/container/container/",
            new
            {
                name,
                url,
                upstream_name = upstreamName,
                sigstore,
                policy = "on_demand",
            }
        );
        var repository = (
            await Api.PostAsync("repositories/container/container/", new { name, remote = remote.Href })
        ).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(
                "distributions/container/container/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "sync/", new { mirror = true, signed_only = signedOnly })
        );
        return (repository, name);
    }

    private async Task<JsonNode> SyncAgainAsync(string repository, bool signedOnly) =>
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "sync/", new { mirror = true, signed_only = signedOnly })
        );
}
