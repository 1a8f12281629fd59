using PulpContainer.Tests.Repositories;

namespace PulpContainer.Tests.Signatures;

/// <summary>Signatures that clients push, and that are taken away.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignaturePushTests(Engine engine) : SignatureFixture(engine)
{
    [Test]
    public async Task What_is_no_signature_of_the_manifest_is_refused()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1", image);
        var signature = await SignAsync(image.Digest);
        var ofAnother = await SignAsync(TestImage.DigestOf([1]));
        byte[][] bodies =
        [
            "no JSON"u8.ToArray(),
            "[]"u8.ToArray(),
            Body(signature, version: 1),
            Body(signature, type: "cosign"),
            Body([]),
            Body([0x80]),
            Body([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Body([0xc8, 0x05, 0x02, 1, 2, 3, 4]),
            Body(signature[..^20]),
            Body(ofAnother),
            """{"schemaVersion": 2, "type": "atomic", "content": "*"}"""u8.ToArray(),
            """{"schemaVersion": 2, "type": "atomic", "content": "\ud800"}"""u8.ToArray(),
        ];

        var refused = new List<Reply>();
        foreach (var body in bodies)
        {
            refused.Add(await PutAsync(name, image.Digest, body));
        }

        var unknown = await PutAsync(name, TestImage.DigestOf([1]), Body(ofAnother));
        var nobody = await SendAsync("PUT", PathOf(name, image.Digest), Body(signature), AsNobody);
        var none = await SignaturesAsync(name, image.Digest);
        var taken = await PutAsync(name, image.Digest, Body(signature));
        var again = await PutAsync(name, image.Digest, Body(signature));
        var there = await SignaturesAsync(name, image.Digest);
        Assert.Multiple(() =>
        {
            Assert.That(refused.Select(r => (r.Status, r.Error)), Has.All.EqualTo((400, "SIGNATURE_INVALID")));
            Assert.That((unknown.Status, unknown.Error), Is.EqualTo((404, "MANIFEST_UNKNOWN")));
            Assert.That(nobody.Status, Is.EqualTo(401));
            Assert.That(none, Is.Empty);
            Assert.That((taken.Status, again.Status), Is.EqualTo((201, 201)), taken.Text + again.Text);
            Assert.That(there, Has.Count.EqualTo(1));
            Assert.That((string?)there[0]?["content"], Is.EqualTo(Convert.ToBase64String(signature)));
        });
    }

    [Test]
    public async Task Signatures_of_a_key_are_taken_away_and_images_stay()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1", image);
        await PutAsync(name, image.Digest, Body(await SignAsync(image.Digest)));
        var id = (await RepositoryAsync(name)).TrimEnd('/').Split('/')[^1];
        await Server.BecomePushRepositoryAsync(id);
        var repository = $"/pulp/api/v3/repositories/container/container-push/{id}/";
        await Api.CompletedAsync(await Api.PatchAsync(repository, new { manifest_signing_service = Service }));

        var others = await Api.PostAsync(repository + "remove_signatures/", new { signed_with_key_id = "0123" });
        var removed = await Api.PostAsync(repository + "remove_signatures/", new { signed_with_key_id = Key.Id });
        await Api.CompletedAsync(removed);
        var none = await SignaturesAsync(name, image.Digest);
        await Api.CompletedAsync(await Api.PostAsync(repository + "sign/", new { }));
        var signed = await SignaturesAsync(name, image.Digest);
        var pulled = await GetAsync($"{name}/manifests/1");

        Assert.Multiple(() =>
        {
            Assert.That(others.Code, Is.EqualTo(400));
            Assert.That((string?)removed.Json?["signed_with_key_id"], Is.EqualTo(Key.Id));
            Assert.That((none.Count, signed.Count), Is.EqualTo((0, 1)));
            Assert.That(pulled.Body, Is.EqualTo(image.Manifest));
        });
    }

    private static string PathOf(string name, string digest) => $"/extensions/v2/{name}/signatures/{digest}";

    private Task<Reply> PutAsync(string name, string digest, byte[] body) =>
        SendAsync("PUT", PathOf(name, digest), body);

    private static byte[] Body(byte[] signature, int version = 2, string type = "atomic") =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["schemaVersion"] = version,
                ["name"] = "any",
                ["type"] = type,
                ["content"] = Convert.ToBase64String(signature),
            }.ToJsonString()
        );

    private async Task<byte[]> SignAsync(string digest)
    {
        var file = Path.Combine(Key.Home, PulpClient.Unique());
        await File.WriteAllTextAsync(
            file,
            $$$"""
            {"critical": {"identity": {"docker-reference": "tests/image:1"}, "image": {"docker-manifest-digest": "{{{digest}}}"},
             "type": "atomic container signature"}, "optional": {}}
            """
        );
        await Key.GpgAsync("--sign", "--output", file + ".sig", file);
        return await File.ReadAllBytesAsync(file + ".sig");
    }
}
