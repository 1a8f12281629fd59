using System.Globalization;

namespace PulpContainer.Tests.Specification;

/// <summary>What the specification's conformance suite asks of blobs, by both algorithms ("Pushing blobs", "Pulling blobs").</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BlobLifeTests(Engine engine) : RegistryFixture(engine)
{
    private const int Chunk = 1024;
    private static readonly string[] Algorithms = ["sha256", "sha512"];

    [Test]
    public async Task Blobs_come_in_all_ways(
        [ValueSource(nameof(Algorithms))] string algorithm,
        [Values("post only", "post and put", "stream", "chunks", "chunks and put")] string way,
        [Values(0, 2, 3067)] int length
    )
    {
        var (name, blob) = (NewName(), TestImage.Random(length));
        var digest = DigestOf(algorithm, blob);

        var missing = await GetAsync($"{name}/blobs/{digest}");
        var pushed = await PushAsync(name, way, blob, digest);
        var located = await GetAsync(pushed.Location ?? "");
        var head = await SendAsync("HEAD", $"{name}/blobs/{digest}");
        var deleted = await SendAsync("DELETE", $"{name}/blobs/{digest}");
        var after = await SendAsync("HEAD", $"{name}/blobs/{digest}");

        Assert.Multiple(() =>
        {
            Assert.That(missing.Status, Is.EqualTo(404));
            Assert.That(pushed.Status, Is.EqualTo(201), pushed.Text);
            Assert.That(pushed.Header("Docker-Content-Digest"), Is.EqualTo(digest));
            Assert.That(located.Body, Is.EqualTo(blob));
            Assert.That(head.Content.ContentLength, Is.EqualTo(length));
            Assert.That((deleted.Status, after.Status), Is.EqualTo((202, 404)));
        });
    }

    [Test]
    public async Task Blobs_with_another_digest_are_refused(
        [ValueSource(nameof(Algorithms))] string algorithm,
        [Values("post only", "post and put", "stream", "chunks", "chunks and put")] string way
    )
    {
        var (name, blob) = (NewName(), TestImage.Random(3067));
        var digest = DigestOf(algorithm, blob);

        var refused = await PushAsync(name, way, [.. blob, 1], digest);

        Assert.Multiple(() =>
        {
            Assert.That(refused.Status, Is.EqualTo(400));
            Assert.That(refused.Error, Is.EqualTo("DIGEST_INVALID"));
        });
    }

    [Test]
    public async Task Chunks_out_of_order_are_refused_and_told_where_to_go_on([Values] bool isLastPut)
    {
        var (name, blob) = (NewName(), TestImage.Random((3 * Chunk) - 5));
        var digest = TestImage.DigestOf(blob);
        var at = (await SendAsync("POST", $"{name}/blobs/uploads/")).Location ?? "";
        for (var from = 0; from < blob.Length; from += Chunk)
        {
            var wrong = from + Chunk < blob.Length ? from + Chunk : 0;
            var isEnd = isLastPut && wrong + Chunk >= blob.Length;
            var refused = await SendAsync(
                isEnd ? "PUT" : "PATCH",
                at + (isEnd ? $"?digest={digest}" : ""),
                Piece(blob, wrong),
                Range(wrong, Math.Min(wrong + Chunk, blob.Length))
            );
            var status = await GetAsync(at);
            Assert.Multiple(() =>
            {
                Assert.That(refused.Status, Is.EqualTo(416));
                Assert.That(refused.Location, Is.Not.Null);
                Assert.That(status.Status, Is.EqualTo(204));
                Assert.That(status.Header("Range"), Is.EqualTo($"0-{Math.Max(0, from - 1)}"));
            });
            var taken = await SendAsync(
                "PATCH",
                at,
                Piece(blob, from),
                Range(from, Math.Min(from + Chunk, blob.Length))
            );
            Assert.That(taken.Status, Is.EqualTo(202));
            at = taken.Location ?? "";
        }

        var done = await SendAsync("PUT", $"{at}?digest={digest}", []);

        Assert.That(done.Status, Is.EqualTo(201), done.Text);
    }

    [TestCase("bytes=500-1499", 206, 500, 1000)]
    [TestCase("bytes=500-", 206, 500, 1548)]
    [TestCase("bytes=-500", 206, 1548, 500)]
    [TestCase("bytes=2000-5000", 206, 2000, 48)]
    [TestCase("bytes=500-0", 416, 0, 0)]
    [TestCase("bytes=5000-10000", 416, 0, 0)]
    public async Task Parts_of_blobs_are_given(string range, int status, int from, int length)
    {
        var (name, blob) = (NewName(), TestImage.Random(2048));
        var digest = await PushBlobAsync(name, blob);

        var part = await GetAsync($"{name}/blobs/{digest}", r => r.Headers.TryAddWithoutValidation("Range", range));

        Assert.That(part.Status, Is.EqualTo(status));
        if (status == 206)
        {
            Assert.That(part.Body, Is.EqualTo(blob[from..(from + length)]));
            Assert.That(part.Header("Content-Range"), Is.EqualTo($"bytes {from}-{from + length - 1}/2048"));
        }
    }

    [Test]
    public async Task Blobs_are_mounted_from_named_and_unnamed_repositories(
        [ValueSource(nameof(Algorithms))] string algorithm
    )
    {
        var (one, two, three, blob) = (NewName(), NewName(), NewName(), TestImage.Random());
        var digest = DigestOf(algorithm, blob);
        var missing = await SendAsync("POST", $"{two}/blobs/uploads/?mount={digest}&from={one}");
        await PushAsync(one, "post only", blob, digest);
        var mounted = await SendAsync("POST", $"{two}/blobs/uploads/?mount={digest}&from={one}");
        var anonymous = await SendAsync("POST", $"{three}/blobs/uploads/?mount={digest}");

        var there = await GetAsync($"{two}/blobs/{digest}");
        Assert.Multiple(() =>
        {
            Assert.That(missing.Status, Is.EqualTo(202));
            Assert.That(mounted.Status, Is.EqualTo(201));
            Assert.That(there.Body, Is.EqualTo(blob));
            Assert.That(anonymous.Status, Is.EqualTo(201), "no manifest refers to it yet");
        });
    }

    private async Task<Reply> PushAsync(string name, string way, byte[] blob, string digest)
    {
        if (way == "post only")
        {
            return await SendAsync("POST", $"{name}/blobs/uploads/?digest={digest}", blob);
        }

        var at = (await SendAsync("POST", $"{name}/blobs/uploads/")).Location ?? "";
        if (way == "post and put")
        {
            return await SendAsync("PUT", $"{at}?digest={digest}", blob);
        }

        if (way == "stream")
        {
            at = (await SendAsync("PATCH", at, blob)).Location ?? "";
            return await SendAsync("PUT", $"{at}?digest={digest}", []);
        }

        var from = 0;
        for (; from + Chunk < blob.Length; from += Chunk)
        {
            at = (await SendAsync("PATCH", at, Piece(blob, from), Range(from, from + Chunk))).Location ?? "";
        }

        if (way == "chunks and put" && from < blob.Length)
        {
            return await SendAsync("PUT", $"{at}?digest={digest}", Piece(blob, from), Range(from, blob.Length));
        }

        if (from < blob.Length)
        {
            at = (await SendAsync("PATCH", at, Piece(blob, from), Range(from, blob.Length))).Location ?? "";
        }

        return await SendAsync("PUT", $"{at}?digest={digest}", []);
    }

    private static byte[] Piece(byte[] blob, int from) => blob[from..Math.Min(from + Chunk, blob.Length)];

    private static Action<HttpRequestMessage> Range(int from, int to) =>
        request =>
            request.Content?.Headers.TryAddWithoutValidation(
                "Content-Range",
                string.Create(CultureInfo.InvariantCulture, $"{from}-{to - 1}")
            );

    private static string DigestOf(string algorithm, byte[] blob) =>
        algorithm == "sha512" ? TestImage.Sha512Of(blob) : TestImage.DigestOf(blob);
}
