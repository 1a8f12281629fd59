namespace Pulp.Api.Tests.Processes;

/// <summary>Signing services: added on the command line with a key of the real gpg, and shown by the API.</summary>
public sealed class SigningCommandTests
{
    private const string Sign = """
        gpg --quiet --local-user "$PULP_SIGNING_KEY_FINGERPRINT" --armor --detach-sign --output "$1.asc" "$1"
        printf '{"file": "%s", "signature": "%s.asc"}' "$1" "$1"
        """;

    private readonly string _data = Directory.CreateTempSubdirectory("pulp-test-signing-").FullName;
    private SigningKey? _key;

    private SigningKey Key => _key ?? throw new InvalidOperationException("There is no key.");

    [OneTimeSetUp]
    public async Task MakeKeyAsync() => _key = await SigningKey.MakeAsync();

    [OneTimeTearDown]
    public void RemoveData()
    {
        _key?.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private Task<(int Code, string Output, string Errors)> AdminAsync(params string[] arguments) =>
        ServerProcess.RunAsync(["admin", .. arguments, "--data-dir", _data]);

    private Task<(int Code, string Output, string Errors)> AddAsync(string name, string script, string key) =>
        AdminAsync("add-signing-service", name, script, key, "--gnupghome", Key.Home);

    [Test]
    public async Task A_service_is_tried_added_shown_and_removed()
    {
        var script = Key.Script("sign", Sign);

        var added = await AddAsync("files", script, Key.Id);
        var again = await AddAsync("files", script, Key.Id);
        var second = await AddAsync("others", script, Key.Fingerprint);
        var listed = await AdminAsync("list-signing-services");
        await using var server = await ServerProcess.ServeAsync(_data, "", "--default-admin-password", "a good one 1");
        using var admin = new PulpClient(server.Url, "admin", "a good one 1");
        var shown = await admin.GetAsync("signing-services/?name=files");
        var read = await admin.GetAsync((string?)shown.Results[0]["pulp_href"] ?? "");
        var post = await admin.PostAsync(
            "signing-services/",
            new
            {
                name = "x",
                script,
                public_key = "x",
            }
        );
        var delete = await admin.DeleteAsync((string?)shown.Results[0]["pulp_href"] ?? "");
        var removed = await AdminAsync("remove-signing-service", "others");
        var gone = await AdminAsync("remove-signing-service", "others");

        Assert.Multiple(() =>
        {
            Assert.That(added.Code, Is.Zero, added.Errors);
            Assert.That(
                added.Output.Trim(),
                Does.EndWith($"Successfully added signing service files for key {Key.Fingerprint}.")
            );
            Assert.That((again.Code, again.Errors), Is.EqualTo((1, again.Errors)));
            Assert.That(again.Errors, Does.Contain("There is a signing service 'files' already."));
            Assert.That(second.Code, Is.Zero, second.Errors);
            Assert.That(
                listed.Output.Split('\n', StringSplitOptions.TrimEntries),
                Is.SupersetOf(new[] { "files", "others" })
            );
            Assert.That((string?)read.Json?["pubkey_fingerprint"], Is.EqualTo(Key.Fingerprint));
            Assert.That((string?)read.Json?["script"], Is.EqualTo(script));
            Assert.That((string?)read.Json?["public_key"], Does.StartWith("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
            Assert.That(((int)post.Status, (int)delete.Status), Is.EqualTo((405, 405)));
            Assert.That(removed.Code, Is.Zero, removed.Errors);
            Assert.That((gone.Code, gone.Errors.Trim()), Is.EqualTo((1, "Signing service 'others' does not exist.")));
        });
    }

    [TestCase("exit 3", "exit code 3")]
    [TestCase("echo no key today >&2; exit 1", "no key today")]
    [TestCase("echo done", "did not return valid JSON")]
    [TestCase("echo '[]'", "printed no 'signature'")]
    [TestCase("echo '{\"signature\": \"/nowhere/file.asc\"}'", "can't be read")]
    [TestCase("echo nothing > \"$1.asc\"; echo \"{\\\"signature\\\": \\\"$1.asc\\\"}\"", "is not of the key")]
    [TestCase("cat /dev/zero", "printed more than")]
    public async Task A_script_that_does_not_sign_is_refused_with_the_reason(string body, string reason)
    {
        var refused = await AddAsync("bad", Key.Script("bad", body), Key.Id);
        var listed = await AdminAsync("list-signing-services");

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(1));
            Assert.That(refused.Errors, Does.Contain(reason));
            Assert.That(listed.Output, Does.Not.Contain("bad"));
        });
    }

    [Test]
    public async Task Another_keys_signature_is_refused()
    {
        using var other = await SigningKey.MakeAsync("Other <other@example.org>");
        var script = other.Script("sign", Sign.Replace("$PULP_SIGNING_KEY_FINGERPRINT", other.Fingerprint));

        var refused = await AddAsync("others", script, Key.Id);

        Assert.That((refused.Code, refused.Errors), Is.EqualTo((1, refused.Errors)));
        Assert.That(refused.Errors, Does.Contain("is not of the key"));
    }

    [Test]
    public async Task What_is_not_there_is_named()
    {
        var script = Key.Script("sign", Sign);

        var noScript = await AddAsync("x", "/nowhere/sign", Key.Id);
        var noKey = await AddAsync("x", script, "0123456789ABCDEF");
        var noClass = await AdminAsync(
            "add-signing-service",
            "x",
            script,
            Key.Id,
            "--gnupghome",
            Key.Home,
            "--class",
            "core:Nothing"
        );

        Assert.Multiple(() =>
        {
            Assert.That(noScript.Errors, Does.Contain("There is no script '/nowhere/sign'."));
            Assert.That(noKey.Errors, Does.Contain("gpg doesn't find the key"));
            Assert.That(noClass.Errors, Does.Contain("core:AsciiArmoredDetachedSigningService"));
        });
    }
}
