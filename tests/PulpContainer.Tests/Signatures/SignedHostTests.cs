using Pulp.Core.Platform.Settings;
using PulpContainer.Signatures;

namespace PulpContainer.Tests.Signatures;

/// <summary>Images are signed as what the settings call the server, not as what somebody writes into a request.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class SignedHostTests(Engine engine) : SignatureFixture(engine)
{
    protected override void Configure(PulpSettings settings) =>
        settings.ContentOrigin = "https://registry.example:8443";

    [Test]
    public async Task The_host_of_a_request_is_not_signed()
    {
        var name = NewName();
        var image = TestImage.New();
        await PushAsync(name, "1", image);
        var repository = await RepositoryAsync(name);
        await Api.CompletedAsync(await Api.PatchAsync(repository, new { manifest_signing_service = Service }));

        var started = await SendAsync(
            "POST",
            repository + "sign/",
            "{}"u8.ToArray(),
            request =>
            {
                request.Headers.Host = "docker.io";
                request.Content?.Headers.ContentType = new("application/json");
            }
        );
        Assert.That(started.Status, Is.EqualTo(202), started.Text);
        await Api.EndOfAsync((string?)started.Json["task"] ?? "");

        var signature = (string?)(await SignaturesAsync(name, image.Digest)).Single()?["content"] ?? "";
        var signed = JsonNode.Parse(OpenPgpMessage.Read(Convert.FromBase64String(signature)).Contents);
        Assert.That(
            (string?)signed?["critical"]?["identity"]?["docker-reference"],
            Is.EqualTo($"registry.example:8443/{name}:1")
        );
    }
}
