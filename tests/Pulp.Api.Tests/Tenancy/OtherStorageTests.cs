using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Platform.Tenancy;

namespace Pulp.Api.Tests.Tenancy;

/// <summary>A tenant whose files aren't on this host's disk.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class OtherStorageTests(Engine engine) : ApiFixture(engine)
{
    private const string Root = "/pulp/blue/api/v3/";
    private readonly MemoryBackend _memory = new();

    protected override void Configure(PulpSettings settings) => settings.DomainEnabled = true;

    [OneTimeSetUp]
    public async Task MoveTenantAsync()
    {
        await Tenants.MakeAsync(Api);
        Server.Services.GetRequiredService<StorageBackends>().Add("tests.Memory", _ => _memory);
        await Server.ExecuteAsync("update core_domain set storage_class = 'tests.Memory' where name = 'blue'");
        await Server.Services.GetRequiredService<DomainDirectory>().LoadAsync(CancellationToken.None);
    }

    /// <summary>One that is kept in memory when it is asked for, one that is passed on in pieces.</summary>
    [TestCase(1_000)]
    [TestCase(200_000)]
    public async Task Files_are_stored_there_and_passed_on(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var url = await DistributedAsync(bytes);

        var whole = await Api.Http.GetByteArrayAsync(url);
        var again = await Api.Http.GetByteArrayAsync(url);
        using var asked = new HttpRequestMessage(HttpMethod.Get, url);
        asked.Headers.Range = new RangeHeaderValue(100, 299);
        using var part = await Api.Http.SendAsync(asked);

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Assert.That(whole, Is.EqualTo(bytes));
        Assert.That(again, Is.EqualTo(bytes));
        Assert.That((int)part.StatusCode, Is.EqualTo(206));
        Assert.That(await part.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes[100..300]));
        Assert.That(_memory.Names, Has.Some.EndsWith($"{sha256[..2]}/{sha256[2..]}"));
        Assert.That(
            Directory.EnumerateFiles(Server.Settings.MediaRoot, sha256[2..], SearchOption.AllDirectories),
            Is.Empty
        );
    }

    [TestCase(1_000)]
    [TestCase(200_000)]
    public async Task A_lost_file_is_told_before_anything_is_sent(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        var url = await DistributedAsync(bytes);
        var name = _memory.Names.Single(n => n.EndsWith(DigestRest(bytes), StringComparison.Ordinal));
        await _memory.DeleteAsync(name, CancellationToken.None);

        var answer = await Api.GetAsync(url);

        Assert.That(answer.Code, Is.EqualTo(500), answer.Text);
    }

    [Test]
    public async Task Orphans_go_from_there()
    {
        var bytes = RandomNumberGenerator.GetBytes(100);
        await Api.UploadAsync(Root + "content/file/files/upload/", bytes, new { relative_path = PulpClient.Unique() });
        Assert.That(_memory.Names, Has.Some.EndsWith(DigestRest(bytes)));

        await Api.CompletedAsync(await Api.PostAsync(Root + "orphans/cleanup/", new { orphan_protection_time = 0 }));

        Assert.That(_memory.Names, Has.None.EndsWith(DigestRest(bytes)));
    }

    private static string DigestRest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[2..];

    /// <summary>The address of a file below a distribution of its own.</summary>
    private async Task<string> DistributedAsync(byte[] bytes)
    {
        var name = PulpClient.Unique();
        var unit = await Api.UploadAsync(
            Root + "content/file/files/upload/",
            bytes,
            new { relative_path = "file.bin" }
        );
        var repository = (await Api.PostAsync(Root + "repositories/file/file/", new { name, autopublish = true })).Href;
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit.Href } })
        );
        await Api.CreatedAsync(
            await Api.PostAsync(
                Root + "distributions/file/file/",
                new
                {
                    name,
                    base_path = name,
                    repository,
                }
            )
        );
        return $"/pulp/content/blue/{name}/file.bin";
    }
}
