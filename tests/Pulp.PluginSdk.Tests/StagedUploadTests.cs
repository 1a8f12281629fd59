using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Pulp.Core.Platform.Data;
using Pulp.PluginSdk.Data;

namespace Pulp.PluginSdk.Tests;

/// <summary>Uploads in pieces over a plugin's own protocol.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class StagedUploadTests(Engine engine) : SkeletonFixture(engine)
{
    [Test]
    public async Task Pieces_become_a_file([Values] bool together)
    {
        var id = await BeginAsync();
        await AppendAsync(id, "one ", from: 0);
        await AppendAsync(id, "two ", from: 4);
        await AppendAsync(id, "three", from: null);

        var stands = await Api.GetAsync($"/images/uploads/{id}");
        var committed = await CommitAsync(id, "one two three", together: together);

        var blob = await Api.GetAsync($"content/images/blobs/{(string?)committed.Json?["id"]}/");
        var artifact = await Api.GetAsync((string?)blob.Json?["artifact"] ?? "");
        var after = await Api.GetAsync($"/images/uploads/{id}");
        Assert.Multiple(() =>
        {
            Assert.That((long?)stands.Json?["size"], Is.EqualTo(13));
            Assert.That((string?)stands.Json?["owner"], Is.EqualTo("somebody"));
            Assert.That((long?)artifact.Json?["size"], Is.EqualTo(13), blob.Text);
            Assert.That((string?)artifact.Json?["md5"], Is.Null, "not among the allowed digests");
            Assert.That(after.Code, Is.EqualTo(404));
        });
    }

    [Test]
    public async Task A_piece_begins_where_the_last_one_ended()
    {
        var id = await BeginAsync();
        await AppendAsync(id, "12345", from: 0);

        var gap = await AppendAsync(id, "x", from: 7);
        var again = await AppendAsync(id, "1", from: 0);
        var committed = await CommitAsync(id, "12345");

        Assert.Multiple(() =>
        {
            Assert.That(gap.Code, Is.EqualTo(416), gap.Text);
            Assert.That(again.Code, Is.EqualTo(416));
            Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
        });
    }

    [Test]
    public async Task A_wrong_digest_leaves_the_upload_as_it_is([Values] bool together)
    {
        var id = await BeginAsync();
        await AppendAsync(id, "right", from: 0);

        var wrong = await CommitAsync(id, "wrong", together: together);
        await AppendAsync(id, " and more", from: 5);
        var right = await CommitAsync(id, "right and more", together: together);

        Assert.Multiple(() =>
        {
            Assert.That(wrong.Code, Is.EqualTo(400));
            Assert.That(right.Code, Is.EqualTo(200), right.Text);
        });
    }

    [Test]
    public async Task What_has_come_is_held_when_the_client_goes_away()
    {
        var id = await BeginAsync();
        var url = new Uri(Server.Url);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(url.Host, url.Port);
            var stream = client.GetStream();
            var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{TestServer.Password}"));
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"PATCH /images/uploads/{id}?from=0 HTTP/1.1\r\nHost: {url.Authority}\r\n"
                        + $"Authorization: Basic {credentials}\r\nContent-Length: 1000\r\n\r\nhalf of it"
                )
            );
            await stream.FlushAsync();
            await UntilAsync(id, _ => File.Exists(FileOf(id)) && new FileInfo(FileOf(id)).Length == 10);
            client.Client.Shutdown(SocketShutdown.Send);
            try
            {
                _ = await stream.ReadAsync(new byte[1]);
            }
            catch (IOException)
            {
                // An answer, an end of the connection or a reset: the server has noticed.
            }
        }

        var there = await UntilAsync(id, size => size == 10);
        await AppendAsync(id, ", the other half", from: 10);
        var committed = await CommitAsync(id, "half of it, the other half");

        Assert.Multiple(() =>
        {
            Assert.That(there, Is.EqualTo(10));
            Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
        });
    }

    [Test]
    public async Task It_survives_the_process_that_began_it()
    {
        var id = await BeginAsync();
        await AppendAsync(id, "begun here, ", from: 0);
        await using var other = await TestServer.StartAsync(Server.Settings, Plugins);

        var appended = await AppendAsync(id, "ended there", from: 12, other.Api);
        var committed = await CommitAsync(id, "begun here, ended there", other.Api);

        Assert.Multiple(() =>
        {
            Assert.That((long?)appended.Json?["size"], Is.EqualTo(23), appended.Text);
            Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
        });
    }

    [Test]
    public async Task An_upload_that_cant_be_committed_now_stays_to_be_committed_later([Values] bool together)
    {
        var text = $"unlucky, {together}";
        var id = await BeginAsync();
        await AppendAsync(id, text, from: 0);
        var digest = Digest(text)["sha256:".Length..];
        var place = Path.Combine(Server.Settings.MediaRoot, "artifact", digest[..2], digest[2..]);
        Directory.CreateDirectory(Path.Combine(place, "in the way"));

        var failed = await CommitAsync(id, text, together: together);
        Directory.Delete(place, recursive: true);
        var committed = await CommitAsync(id, text, together: together);

        Assert.Multiple(() =>
        {
            Assert.That(failed.Code, Is.GreaterThanOrEqualTo(500));
            Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
        });
    }

    [Test]
    public async Task An_upload_whose_row_cant_be_stored_stays_to_be_committed_later([Values] bool together)
    {
        await using var own = await TestServer.StartAsync(Engine, Configure, Plugins);
        var database = own.Services.GetRequiredService<Database>();
        var id = await BeginAsync(own.Api);
        await AppendAsync(id, "unlucky", from: 0, own.Api);
        await database.ExecuteAsync(
            $"{Sql.For(
                "alter table core_artifact add constraint refused check (false)",
                "create trigger refused before insert on core_artifact begin select raise(abort, 'refused'); end"
            )}",
            CancellationToken.None
        );

        var failed = await CommitAsync(id, "unlucky", own.Api, together);
        await database.ExecuteAsync(
            $"{Sql.For("alter table core_artifact drop constraint refused", "drop trigger refused")}",
            CancellationToken.None
        );
        var more = await AppendAsync(id, ", then lucky", from: 7, own.Api);
        var committed = await CommitAsync(id, "unlucky, then lucky", own.Api, together);

        Assert.Multiple(() =>
        {
            Assert.That(failed.Code, Is.EqualTo(500), failed.Text);
            Assert.That(more.Code, Is.EqualTo(200), more.Text);
            Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
        });
    }

    [Test]
    public async Task An_upload_of_an_id_that_was_given_out_begins_with_its_first_piece()
    {
        var id = Guid.NewGuid().ToString();

        var without = await AppendAsync(id, "one ", from: 0);
        var late = await AppendAsync(id, "one ", from: 4, owner: "me");
        var first = await AppendAsync(id, "one ", from: 0, owner: "me");
        var others = await AppendAsync(id, "two", from: 4, owner: "you");
        var second = await AppendAsync(id, "two", from: 4, owner: "me");
        var stands = await Api.GetAsync($"/images/uploads/{id}");
        var committed = await CommitAsync(id, "one two", together: true);

        Assert.Multiple(() =>
        {
            Assert.That(without.Code, Is.EqualTo(404));
            Assert.That(late.Code, Is.EqualTo(416), late.Text);
            Assert.That((long?)first.Json?["size"], Is.EqualTo(4), first.Text);
            Assert.That(others.Code, Is.EqualTo(404));
            Assert.That((long?)second.Json?["size"], Is.EqualTo(7), second.Text);
            Assert.That((string?)stands.Json?["owner"], Is.EqualTo("me"));
            Assert.That(committed.Code, Is.EqualTo(200), committed.Text);
            Assert.That(FileOf(id), Does.Not.Exist);
        });
    }

    [Test]
    public async Task A_cancelled_upload_is_gone()
    {
        var id = await BeginAsync();
        await AppendAsync(id, "nothing", from: 0);
        var file = FileOf(id);
        Assert.That(file, Does.Exist);

        await Api.DeleteAsync($"/images/uploads/{id}");

        var appended = await AppendAsync(id, "x", from: 0);
        Assert.Multiple(() =>
        {
            Assert.That(file, Does.Not.Exist);
            Assert.That(appended.Code, Is.EqualTo(404));
        });
    }

    private string FileOf(string id) => Path.Combine(Server.Settings.MediaRoot, "upload", "staged", id);

    /// <summary>Asks for the upload until it is as wanted, or for long enough; answers the size that it had last.</summary>
    private async Task<long?> UntilAsync(string id, Func<long?, bool> wanted)
    {
        long? size = null;
        for (var attempt = 0; attempt < 2_000 && !wanted(size); attempt++)
        {
            size = (long?)(await Api.GetAsync($"/images/uploads/{id}")).Json?["size"];
        }

        return size;
    }

    private async Task<string> BeginAsync(PulpClient? api = null) =>
        (string?)(await (api ?? Api).PostAsync("/images/uploads?owner=somebody&seconds=3600")).Json?["id"] ?? "";

    private Task<Answer> AppendAsync(
        string id,
        string text,
        long? from,
        PulpClient? api = null,
        string? owner = null
    ) =>
        (api ?? Api).SendContentAsync(
            HttpMethod.Patch,
            $"/images/uploads/{id}?from={from}{(owner is null ? "" : $"&owner={owner}")}",
            new StringContent(text)
        );

    private Task<Answer> CommitAsync(string id, string text, PulpClient? api = null, bool together = false) =>
        (api ?? Api).SendContentAsync(
            HttpMethod.Put,
            $"/images/uploads/{id}?digest={Digest(text)}&together={together}",
            content: null
        );

    private static string Digest(string text) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
