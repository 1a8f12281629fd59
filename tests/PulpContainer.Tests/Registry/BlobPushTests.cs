namespace PulpContainer.Tests.Registry;

/// <summary>OCI distribution specification 1.1, "Pushing blobs".</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BlobPushTests(Engine engine) : RegistryFixture(engine)
{
    [Test]
    public async Task POST_then_PUT_makes_a_blob_that_can_be_pulled()
    {
        var name = NewName();
        var blob = TestImage.Random();
        var digest = TestImage.DigestOf(blob);

        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        var done = await SendAsync("PUT", $"{begun.Location}?digest={digest}", blob);
        var got = await GetAsync(done.Location ?? "");
        var over = await GetAsync(begun.Location ?? "");

        Assert.Multiple(() =>
        {
            Assert.That(begun.Status, Is.EqualTo(202));
            Assert.That((over.Status, over.Error), Is.EqualTo((404, "BLOB_UPLOAD_UNKNOWN")));
            Assert.That(begun.Location, Does.Match($"^/v2/{name}/blobs/uploads/[0-9a-f-]{{36}}$"));
            Assert.That(begun.Header("Docker-Upload-UUID"), Is.Not.Empty);
            Assert.That(done.Status, Is.EqualTo(201), done.Text);
            Assert.That(done.Location, Is.EqualTo($"/v2/{name}/blobs/{digest}"));
            Assert.That(done.Header("Docker-Content-Digest"), Is.EqualTo(digest));
            Assert.That(got.Body, Is.EqualTo(blob));
        });
    }

    [Test]
    public async Task A_single_POST_makes_a_blob([Values(0, 1, 3000)] int length)
    {
        var name = NewName();
        var blob = TestImage.Random(length);
        var digest = TestImage.DigestOf(blob);

        var done = await SendAsync("POST", $"{name}/blobs/uploads/?digest={digest}", blob);
        var got = await GetAsync(done.Location ?? "");

        Assert.Multiple(() =>
        {
            Assert.That(done.Status, Is.EqualTo(201), done.Text);
            Assert.That(got.Status, Is.EqualTo(200));
            Assert.That(got.Body, Is.EqualTo(blob));
        });
    }

    [Test]
    public async Task Digests_that_are_wrong_are_refused()
    {
        var name = NewName();
        var blob = TestImage.Random();
        var other = TestImage.DigestOf([1, 2, 3]);

        var single = await SendAsync("POST", $"{name}/blobs/uploads/?digest={other}", blob);
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        var put = await SendAsync("PUT", $"{begun.Location}?digest={other}", blob);
        var none = await SendAsync("PUT", begun.Location ?? "", blob);
        var unknown = await SendAsync("POST", $"{name}/blobs/uploads/?digest=md5:1234", blob);
        var algorithm = await SendAsync("POST", $"{name}/blobs/uploads/?digest-algorithm=md5");

        Assert.Multiple(() =>
        {
            foreach (var refused in new[] { single, put, none, unknown, algorithm })
            {
                Assert.That((refused.Status, refused.Error), Is.EqualTo((400, "DIGEST_INVALID")));
            }
        });
    }

    [Test]
    public async Task Blobs_and_manifests_go_by_sha512_too()
    {
        var name = NewName();
        var blob = TestImage.Random();
        var digest = TestImage.Sha512Of(blob);
        var image = TestImage.New();

        var begun = await SendAsync("POST", $"{name}/blobs/uploads/?digest-algorithm=sha512");
        var done = await SendAsync("PUT", $"{begun.Location}?digest={digest}", blob);
        var got = await GetAsync($"{name}/blobs/{digest}");
        await PushAsync(name, TestImage.Sha512Of(image.Manifest), image);
        var manifest = await GetAsync($"{name}/manifests/{TestImage.Sha512Of(image.Manifest)}");

        Assert.Multiple(() =>
        {
            Assert.That(done.Status, Is.EqualTo(201), done.Text);
            Assert.That(got.Body, Is.EqualTo(blob));
            Assert.That(got.Header("Docker-Content-Digest"), Is.EqualTo(digest));
            Assert.That(manifest.Body, Is.EqualTo(image.Manifest));
            Assert.That(manifest.Header("Docker-Content-Digest"), Is.EqualTo(TestImage.Sha512Of(image.Manifest)));
        });
    }

    [Test]
    public async Task Chunks_are_taken_in_order()
    {
        var name = NewName();
        var blob = TestImage.Random(3000);
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        var at = begun.Location ?? "";

        var first = await SendAsync("PATCH", at, blob[..1000], Range(0, 999));
        var gap = await SendAsync("PATCH", at, blob[2000..], Range(2000, 2999));
        var again = await SendAsync("PATCH", at, blob[..1000], Range(0, 999));
        var status = await GetAsync(at);
        var second = await SendAsync("PATCH", first.Location ?? "", blob[1000..2000], Range(1000, 1999));
        var late = await SendAsync("PUT", $"{at}?digest={TestImage.DigestOf(blob)}", blob[..1000], Range(0, 999));
        var done = await SendAsync("PUT", $"{at}?digest={TestImage.DigestOf(blob)}", blob[2000..], Range(2000, 2999));

        Assert.Multiple(() =>
        {
            Assert.That((first.Status, first.Header("Range")), Is.EqualTo((202, "0-999")));
            Assert.That(first.Location, Is.Not.Empty);
            Assert.That((gap.Status, gap.Header("Range")), Is.EqualTo((416, "0-999")));
            Assert.That(gap.Error, Is.EqualTo("BLOB_UPLOAD_INVALID"));
            Assert.That(again.Status, Is.EqualTo(416));
            Assert.That((status.Status, status.Header("Range")), Is.EqualTo((204, "0-999")));
            Assert.That(status.Location, Is.Not.Empty);
            Assert.That((second.Status, second.Header("Range")), Is.EqualTo((202, "0-1999")));
            Assert.That(late.Status, Is.EqualTo(416));
            Assert.That(done.Status, Is.EqualTo(201), done.Text);
        });
    }

    [Test]
    public async Task A_stream_without_length_or_range_is_taken()
    {
        var name = NewName();
        var blob = TestImage.Random(200_000);
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");

        var streamed = await SendAsync(
            "PATCH",
            begun.Location ?? "",
            with: request =>
            {
                request.Content = new StreamContent(new MemoryStream(blob));
                request.Headers.TransferEncodingChunked = true;
            }
        );
        var done = await SendAsync("PUT", $"{streamed.Location}?digest={TestImage.DigestOf(blob)}");

        Assert.Multiple(() =>
        {
            Assert.That((streamed.Status, streamed.Header("Range")), Is.EqualTo((202, "0-199999")));
            Assert.That(done.Status, Is.EqualTo(201), done.Text);
        });
    }

    [Test]
    public async Task An_upload_can_be_cancelled_and_is_gone_then()
    {
        var (name, other) = (NewName(), NewName());
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        await PushBlobAsync(other, [1]);
        var id = begun.Header("Docker-Upload-UUID");

        var elsewhere = await GetAsync($"{other}/blobs/uploads/{id}");
        var cancelled = await SendAsync("DELETE", begun.Location ?? "");
        var status = await GetAsync(begun.Location ?? "");

        Assert.Multiple(() =>
        {
            Assert.That((elsewhere.Status, elsewhere.Error), Is.EqualTo((404, "BLOB_UPLOAD_UNKNOWN")));
            Assert.That(cancelled.Status, Is.EqualTo(204));
            Assert.That((status.Status, status.Error), Is.EqualTo((404, "BLOB_UPLOAD_UNKNOWN")));
        });
    }

    /// <summary>Nothing is stored of an upload before its first byte: its id alone says that it was begun.</summary>
    [Test]
    public async Task An_upload_that_was_begun_here_goes_on_in_another_process([Values] bool inPieces)
    {
        var name = NewName();
        var blob = TestImage.Random();
        var digest = TestImage.DigestOf(blob);
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        await using var other = await TestServer.StartAsync(Server.Settings);
        using var elsewhere = new PulpClient(other.Url, "admin", TestServer.Password);
        using var body = new ByteArrayContent(blob);

        using var status = await elsewhere.Http.GetAsync(begun.Location);
        using var sent = inPieces
            ? await elsewhere.Http.PatchAsync(begun.Location, body)
            : await elsewhere.Http.PutAsync($"{begun.Location}?digest={digest}", body);
        var here = inPieces ? await SendAsync("PUT", $"{begun.Location}?digest={digest}") : null;
        var got = await GetAsync($"{name}/blobs/{digest}");

        Assert.Multiple(() =>
        {
            Assert.That((int)status.StatusCode, Is.EqualTo(204));
            Assert.That((int)sent.StatusCode, Is.EqualTo(inPieces ? 202 : 201));
            Assert.That(here?.Status ?? 201, Is.EqualTo(201));
            Assert.That(got.Body, Is.EqualTo(blob));
        });
    }

    [Test]
    public async Task Ids_of_uploads_that_nobody_gave_out_are_unknown()
    {
        var name = NewName();
        await PushBlobAsync(name, [1]);
        var begun = await SendAsync("POST", $"{name}/blobs/uploads/");
        var id = begun.Header("Docker-Upload-UUID") ?? "";
        string[] made = [Guid.NewGuid().ToString(), id[..^1] + (id[^1] == '0' ? '1' : '0'), "1", id + "0"];

        foreach (var other in made)
        {
            var put = await SendAsync("PUT", $"{name}/blobs/uploads/{other}?digest={TestImage.DigestOf([2])}", [2]);
            Assert.That((put.Status, put.Error), Is.EqualTo((404, "BLOB_UPLOAD_UNKNOWN")), other);
        }
    }

    [Test]
    public async Task A_blob_is_mounted_from_another_repository()
    {
        var (name, other) = (NewName(), NewName());
        var image = TestImage.New();
        await PushAsync(name, "1.0", image);
        var digest = TestImage.DigestOf(image.Layers[0]);

        var mounted = await SendAsync("POST", $"{other}/blobs/uploads/?mount={digest}&from={name}");
        var anonymous = await SendAsync("POST", $"{NewName()}/blobs/uploads/?mount={digest}");
        var missing = await SendAsync("POST", $"{other}/blobs/uploads/?mount={TestImage.DigestOf([7])}&from={name}");
        var nowhere = await SendAsync("POST", $"{other}/blobs/uploads/?mount={digest}&from={NewName()}");
        var got = await GetAsync($"{other}/blobs/{digest}");

        Assert.Multiple(() =>
        {
            Assert.That((mounted.Status, mounted.Location), Is.EqualTo((201, $"/v2/{other}/blobs/{digest}")));
            Assert.That(mounted.Header("Docker-Content-Digest"), Is.EqualTo(digest));
            Assert.That(anonymous.Status, Is.EqualTo(201), anonymous.Text);
            Assert.That(missing.Status, Is.EqualTo(202));
            Assert.That(nowhere.Status, Is.EqualTo(202));
            Assert.That(got.Body, Is.EqualTo(image.Layers[0]));
        });
    }

    [Test]
    public async Task Names_that_are_none_are_refused([Values("Upper", "a//b", "a/-b", "a/..")] string name)
    {
        var refused = await SendAsync("POST", $"{name}/blobs/uploads/");

        Assert.That(refused.Status, Is.AnyOf(400, 404));
    }

    [Test]
    public async Task What_was_pushed_survives_the_clean_up_of_orphans()
    {
        var name = NewName();
        var blob = TestImage.Random();
        await PushBlobAsync(name, blob);

        await Api.CompletedAsync(await Api.PostAsync("orphans/cleanup/", new { orphan_protection_time = 0 }));

        Assert.That((await GetAsync($"{name}/blobs/{TestImage.DigestOf(blob)}")).Body, Is.EqualTo(blob));
    }

    private static Action<HttpRequestMessage> Range(long from, long to) =>
        request => request.Content?.Headers.TryAddWithoutValidation("Content-Range", $"{from}-{to}");
}
