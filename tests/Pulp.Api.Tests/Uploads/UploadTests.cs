using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Pulp.Api.Tests.Uploads;

[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class UploadTests(Engine engine) : ApiFixture(engine)
{
    private static byte[] Bytes(int length = 1000) => RandomNumberGenerator.GetBytes(length);

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private Task<Answer> ChunkAsync(string upload, byte[] chunk, string range, object? fields = null) =>
        Api.SendContentAsync(
            HttpMethod.Put,
            upload,
            PulpClient.Form(chunk, fields),
            request => request.Content?.Headers.TryAddWithoutValidation("Content-Range", range)
        );

    [Test]
    public async Task A_file_is_uploaded_in_one_request_and_added_to_a_repository()
    {
        var bytes = Bytes();
        var repository = await Api.NewRepositoryAsync();

        var task = await Api.CompletedAsync(
            await Api.UploadAsync(
                "content/file/files/",
                bytes,
                new
                {
                    relative_path = "up.bin",
                    repository,
                    sha256 = Sha256(bytes),
                }
            )
        );

        var created = task["created_resources"]?.AsArray().Select(r => (string?)r).ToList() ?? [];
        var unit = await Api.GetAsync(
            created.First(c => c?.Contains("/content/", StringComparison.Ordinal) == true) ?? ""
        );
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)task["name"], Is.EqualTo("pulpcore.app.tasks.base.general_create"));
            Assert.That((string?)unit.Json?["sha256"], Is.EqualTo(Sha256(bytes)));
            Assert.That((string?)unit.Json?["sha224"], Has.Length.EqualTo(56));
            Assert.That(unit.Json?["md5"], Is.Null, "md5 isn't among ALLOWED_CONTENT_CHECKSUMS");
            Assert.That(await Api.PathsAsync(await Api.LatestAsync(repository)), Is.EqualTo(new[] { "up.bin" }));
        });
    }

    [Test]
    public async Task A_synchronous_upload_answers_the_unit_and_the_same_again()
    {
        var bytes = Bytes();

        var first = await Api.UploadAsync("content/file/files/upload/", bytes, new { relative_path = "sync.bin" });
        var again = await Api.UploadAsync("content/file/files/upload/", bytes, new { relative_path = "sync.bin" });

        Assert.Multiple(() =>
        {
            Assert.That(first.Code, Is.EqualTo(201));
            Assert.That(again.Code, Is.EqualTo(201));
            Assert.That(again.Href, Is.EqualTo(first.Href));
        });
    }

    [Test]
    public async Task Uploads_of_the_same_bytes_at_once_make_one_artifact()
    {
        var bytes = Bytes(50_000);

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i => Api.UploadAsync("content/file/files/upload/", bytes, new { relative_path = $"p{i % 2}" }))
        );

        var artifacts = await Api.GetAsync($"artifacts/?sha256={Sha256(bytes)}");
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(a => a.Code), Has.All.EqualTo(201));
            Assert.That(answers.Select(a => a.Href).Distinct().Count(), Is.EqualTo(2));
            Assert.That(artifacts.Results, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Chunks_in_any_order_make_the_file()
    {
        var bytes = Bytes(3000);
        var upload = (await Api.PostAsync("uploads/", new { size = bytes.Length })).Href;

        await ChunkAsync(upload, bytes[2000..], "bytes 2000-2999/3000");
        await ChunkAsync(upload, bytes[..1000], "bytes 0-999/3000", new { sha256 = Sha256(bytes[..1000]) });
        await ChunkAsync(upload, Bytes(1000), "bytes 1000-1999/*");
        await ChunkAsync(upload, bytes[1000..2000], "bytes 1000-1999/3000");
        var shown = await Api.GetAsync(upload);
        var artifact = await Api.CreatedAsync(await Api.PostAsync(upload + "commit/", new { sha256 = Sha256(bytes) }));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That(shown.Json?["chunks"]?.AsArray().Count, Is.EqualTo(3));
            Assert.That((string?)(await Api.GetAsync(artifact)).Json?["sha256"], Is.EqualTo(Sha256(bytes)));
            Assert.That((await Api.GetAsync(upload)).Code, Is.EqualTo(404), "a committed upload is gone");
        });
    }

    [Test]
    public async Task An_upload_becomes_content_without_a_commit()
    {
        var bytes = Bytes();
        var upload = (await Api.PostAsync("uploads/", new { size = bytes.Length })).Href;
        await ChunkAsync(upload, bytes, $"bytes 0-{bytes.Length - 1}/{bytes.Length}");
        using var form = PulpClient.Form(null, new { relative_path = "chunked.bin", upload });

        var unit = await Api.CreatedAsync(await Api.SendContentAsync(HttpMethod.Post, "content/file/files/", form));

        Assert.That((string?)(await Api.GetAsync(unit)).Json?["sha256"], Is.EqualTo(Sha256(bytes)));
    }

    [TestCase("bytes 0-99/100", 50)]
    [TestCase("bytes 0-199/200", 200)]
    [TestCase("bytes 90-100/100", 11)]
    [TestCase("bytes 0-9/50", 10)]
    [TestCase("bytes 9-0/100", 10)]
    [TestCase("nonsense", 10)]
    public async Task A_chunk_whose_range_is_a_lie_is_refused(string range, int length)
    {
        var upload = (await Api.PostAsync("uploads/", new { size = 100 })).Href;

        var answer = await ChunkAsync(upload, Bytes(length), range);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["non_field_errors"], Is.Not.Null, answer.Text);
        });
    }

    [Test]
    public async Task Chunks_that_overlap_and_wrong_digests_are_refused()
    {
        var upload = (await Api.PostAsync("uploads/", new { size = 100 })).Href;
        await ChunkAsync(upload, Bytes(50), "bytes 0-49/100");

        var overlap = await ChunkAsync(upload, Bytes(50), "bytes 25-74/100");
        var digest = await ChunkAsync(upload, Bytes(50), "bytes 50-99/100", new { sha256 = new string('0', 64) });

        Assert.Multiple(() =>
        {
            Assert.That(overlap.Code, Is.EqualTo(400));
            Assert.That(digest.Json?[0]?.ToString(), Is.EqualTo("Checksum does not match chunk upload."));
        });
    }

    [Test]
    public async Task A_commit_with_a_gap_or_a_wrong_digest_fails_and_keeps_the_chunks()
    {
        var bytes = Bytes(100);
        var upload = (await Api.PostAsync("uploads/", new { size = 100 })).Href;
        await ChunkAsync(upload, bytes[50..], "bytes 50-99/100");

        var gap = await Api.EndOfAsync((await Api.PostAsync(upload + "commit/", new { sha256 = Sha256(bytes) })).Task);
        await ChunkAsync(upload, bytes[..50], "bytes 0-49/100");
        var wrong = await Api.EndOfAsync(
            (await Api.PostAsync(upload + "commit/", new { sha256 = new string('0', 64) })).Task
        );
        var right = await Api.EndOfAsync(
            (await Api.PostAsync(upload + "commit/", new { sha256 = Sha256(bytes) })).Task
        );

        Assert.Multiple(() =>
        {
            Assert.That((string?)gap["error"]?["description"], Does.Contain("no bytes from 0 to 50"));
            Assert.That((string?)wrong["state"], Is.EqualTo("failed"));
            Assert.That((string?)right["state"], Is.EqualTo("completed"));
        });
    }

    [Test]
    public async Task A_unit_is_made_of_an_artifact_and_of_an_address()
    {
        var bytes = Bytes();
        var artifact = (await Api.UploadAsync("artifacts/", bytes)).Href;
        Upstream.With("far.bin", "from far away");
        using var ofArtifact = PulpClient.Form(null, new { relative_path = "of-artifact", artifact });
        using var ofAddress = PulpClient.Form(
            null,
            new { relative_path = "of-address", file_url = Upstream.Url + "/far.bin" }
        );

        var one = await Api.CreatedAsync(
            await Api.SendContentAsync(HttpMethod.Post, "content/file/files/", ofArtifact)
        );
        var two = await Api.CreatedAsync(await Api.SendContentAsync(HttpMethod.Post, "content/file/files/", ofAddress));

        await Assert.MultipleAsync(async () =>
        {
            Assert.That((string?)(await Api.GetAsync(one)).Json?["artifact"], Is.EqualTo(artifact));
            Assert.That(
                (string?)(await Api.GetAsync(two)).Json?["sha256"],
                Is.EqualTo(Sha256("from far away"u8.ToArray()))
            );
        });
    }

    [Test]
    public async Task An_artifact_is_refused_when_it_is_not_what_is_said_or_there_already()
    {
        var bytes = Bytes();

        var digest = await Api.UploadAsync("artifacts/", bytes, new { sha256 = new string('0', 64) });
        var size = await Api.UploadAsync("artifacts/", bytes, new { size = 1 });
        var forbidden = await Api.UploadAsync("artifacts/", bytes, new { md5 = new string('0', 32) });
        var made = await Api.UploadAsync(
            "artifacts/",
            bytes,
            new { sha512 = Convert.ToHexStringLower(SHA512.HashData(bytes)), size = bytes.Length }
        );
        var again = await Api.UploadAsync("artifacts/", bytes);

        Assert.Multiple(() =>
        {
            Assert.That(
                digest.Json?["non_field_errors"]?[0]?.ToString(),
                Is.EqualTo("The sha256 checksum did not match.")
            );
            Assert.That(size.Json?["non_field_errors"], Is.Not.Null);
            Assert.That(forbidden.Json?["non_field_errors"]?[0]?.ToString(), Does.Contain("ALLOWED_CONTENT_CHECKSUMS"));
            Assert.That(made.Code, Is.EqualTo(201));
            Assert.That(again.Json?["non_field_errors"]?[0]?.ToString(), Does.Contain("already exists"));
        });
    }

    [TestCase("../climbs")]
    [TestCase("/absolute")]
    [TestCase("a/../b")]
    public async Task A_path_that_climbs_is_refused(string path)
    {
        var answer = await Api.UploadAsync("content/file/files/upload/", Bytes(), new { relative_path = path });

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?["relative_path"], Is.Not.Null);
        });
    }

    [Test]
    public async Task Exactly_one_source_is_wanted()
    {
        var none = await Api.SendContentAsync(
            HttpMethod.Post,
            "content/file/files/",
            PulpClient.Form(null, new { relative_path = "x" })
        );
        var two = await Api.UploadAsync(
            "content/file/files/",
            Bytes(),
            new { relative_path = "x", file_url = "http://127.0.0.1:1/x" }
        );

        Assert.Multiple(() =>
        {
            Assert.That(none.Json?["non_field_errors"]?[0]?.ToString(), Does.Contain("Exactly one of"));
            Assert.That(two.Code, Is.EqualTo(400));
        });
    }

    [Test]
    public async Task Overwrite_false_refuses_a_second_file_under_one_path()
    {
        var repository = await Api.NewRepositoryAsync();
        await Api.CompletedAsync(
            await Api.UploadAsync("content/file/files/", Bytes(), new { relative_path = "x", repository })
        );

        var answer = await Api.UploadAsync(
            "content/file/files/",
            Bytes(),
            new
            {
                relative_path = "x",
                repository,
                overwrite = false,
            }
        );

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(409));
            Assert.That((string?)answer.Json?["detail"], Does.Contain("overwrite is false"));
        });
    }

    [Test]
    public async Task An_upload_that_breaks_off_leaves_nothing_behind()
    {
        var temporary = Path.Combine(Server.Settings.MediaRoot, "tmp");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/pulp/api/v3/artifacts/")
        {
            Content = new BrokenContent(),
        };

        Assert.That(async () => await Api.Http.SendAsync(request), Throws.InstanceOf<HttpRequestException>());

        Assert.That(
            () => Directory.GetFiles(temporary).Where(f => !f.EndsWith(".sync", StringComparison.Ordinal)),
            Is.Empty.Soon()
        );
    }

    private sealed class BrokenContent : HttpContent
    {
        public BrokenContent() => Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"u8.ToArray()
            );
            await stream.WriteAsync(new byte[100_000]);
            await stream.FlushAsync();
            throw new IOException("The client died.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 10_000_000;
            return true;
        }
    }
}
