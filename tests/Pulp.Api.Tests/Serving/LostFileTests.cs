using System.Security.Cryptography;

namespace Pulp.Api.Tests.Serving;

/// <summary>Stored files that are gone or damaged on the disk.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class LostFileTests(Engine engine) : ApiFixture(engine)
{
    private const int Small = 1_000;
    private const int Large = 200_000;

    private async Task<(string Path, byte[] Bytes, string Stored)> ServedAsync(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        Upstream.With("file", bytes).Listed();
        var (repository, _) = await SyncedAsync("immediate", new { max_retries = 0 });
        await Api.NewPublicationAsync(new { repository });
        var path = (await Api.NewDistributionAsync(new { repository })).Path + "file";
        return (path, bytes, StoredAt(bytes));
    }

    private string StoredAt(byte[] bytes)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return Path.Combine(Server.Settings.MediaRoot, "artifact", digest[..2], digest[2..]);
    }

    private static void Damage(string stored, string how, int size)
    {
        File.Delete(stored);
        switch (how)
        {
            case "cut short":
                File.WriteAllBytes(stored, RandomNumberGenerator.GetBytes(size / 2));
                break;
            case "longer":
                File.WriteAllBytes(stored, RandomNumberGenerator.GetBytes(size + 1));
                break;
            case "overwritten":
                File.WriteAllBytes(stored, RandomNumberGenerator.GetBytes(size));
                break;
        }
    }

    [TestCase("gone", Small)]
    [TestCase("gone", Large)]
    [TestCase("cut short", Small)]
    [TestCase("cut short", Large)]
    [TestCase("longer", Small)]
    [TestCase("longer", Large)]
    [TestCase("overwritten", Small)]
    public async Task A_file_that_a_remote_has_is_fetched_again_served_and_put_back(string how, int size)
    {
        var (path, bytes, stored) = await ServedAsync(size);
        Damage(stored, how, size);

        var got = await Api.Http.GetByteArrayAsync(path);
        var fetched = Upstream.Count("file");
        var again = await Api.Http.GetByteArrayAsync(path);

        Assert.Multiple(() =>
        {
            Assert.That(got, Is.EqualTo(bytes));
            Assert.That(again, Is.EqualTo(bytes));
            Assert.That(Upstream.Count("file"), Is.EqualTo(fetched), "the second time it was here");
            Assert.That(File.ReadAllBytes(stored), Is.EqualTo(bytes));
        });
    }

    [TestCase(Small)]
    [TestCase(Large)]
    public async Task A_file_that_goes_while_its_place_is_remembered_is_fetched_again_too(int size)
    {
        var (path, bytes, stored) = await ServedAsync(size);
        await Api.Http.GetByteArrayAsync(path.Replace("file", "PULP_MANIFEST", StringComparison.Ordinal));
        using (var head = await Api.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path)))
        {
            Assert.That((int)head.StatusCode, Is.EqualTo(200));
        }

        File.Delete(stored);

        Assert.That(await Api.Http.GetByteArrayAsync(path), Is.EqualTo(bytes));
    }

    [Test]
    public async Task A_file_that_no_remote_has_is_an_error_of_the_server()
    {
        var text = "uploaded " + Guid.NewGuid();
        var unit = await Api.NewFileAsync("file", text);
        var repository = await Api.NewRepositoryAsync();
        await Api.CompletedAsync(
            await Api.PostAsync(repository + "modify/", new { add_content_units = new[] { unit } })
        );
        await Api.NewPublicationAsync(new { repository });
        var (_, path) = await Api.NewDistributionAsync(new { repository });
        File.Delete(StoredAt(System.Text.Encoding.UTF8.GetBytes(text)));

        var lost = await Api.GetAsync(path + "file");
        await Api.NewFileAsync("file", text);
        var uploadedAgain = await Api.GetAsync(path + "file");

        Assert.That(lost.Code, Is.EqualTo(500));
        Assert.That(uploadedAgain.Text, Is.EqualTo(text));
    }

    [Test]
    public async Task A_remote_that_has_it_no_more_or_not_now_decides_the_status()
    {
        var (path, _, stored) = await ServedAsync(Small);
        File.Delete(stored);
        Upstream.Faulty(
            "file",
            context =>
            {
                context.Response.StatusCode = 503;
                return Task.CompletedTask;
            }
        );
        var busy = await Api.GetAsync(path);
        Upstream.Mend("file");
        Upstream.Without("file");
        var gone = await Api.GetAsync(path);

        Assert.That((busy.Code, gone.Code), Is.EqualTo((503, 500)));
    }
}
