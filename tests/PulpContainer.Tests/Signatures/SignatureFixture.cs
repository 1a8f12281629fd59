namespace PulpContainer.Tests.Signatures;

/// <summary>A registry with a signing service whose key is one of the real gpg.</summary>
public abstract class SignatureFixture(Engine engine) : RegistryFixture(engine)
{
    private SigningKey? _key;

    protected SigningKey Key => _key ?? throw new InvalidOperationException("There is no key.");

    /// <summary>The href of the service.</summary>
    protected string Service { get; private set; } = "";

    protected string Host => new Uri(Server.Url).Authority;

    [OneTimeSetUp]
    public async Task AddServiceAsync()
    {
        _key = await SigningKey.MakeAsync();
        var script = Key.Script(
            "sign",
            """
            digest=$(sha256sum "$1" | cut -d' ' -f1)
            printf '{"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"sha256:%s"},"type":"atomic container signature"},"optional":{"creator":"tests","timestamp":%s}}' \
              "$REFERENCE" "$digest" "$(date +%s)" > "$1.json"
            gpg --quiet --local-user "$PULP_SIGNING_KEY_FINGERPRINT" --sign --output "$SIG_PATH" "$1.json"
            printf '{"signature_path": "%s"}' "$SIG_PATH"
            """
        );
        Service = await AddServiceAsync("manifests", script, "container:ManifestSigningService");
    }

    [OneTimeTearDown]
    public void RemoveKey() => _key?.Dispose();

    /// <summary>Adds a service on the command line, and answers its href.</summary>
    protected async Task<string> AddServiceAsync(string name, string script, string signingClass)
    {
        var settings = Server.Settings;
        var added = await ServerProcess.RunAsync(
            "admin",
            "add-signing-service",
            name,
            script,
            Key.Fingerprint,
            "--gnupghome",
            Key.Home,
            "--class",
            signingClass,
            "--data-dir",
            settings.DataDir,
            "--database",
            settings.Database,
            "--plugin-dir",
            string.Join(',', settings.PluginDir)
        );
        Assert.That(added.Code, Is.Zero, added.Errors);
        return HrefOf(await Api.GetAsync($"signing-services/?name={name}"));
    }

    protected async Task<string> RepositoryAsync(string name) =>
        HrefOf(await Api.GetAsync($"repositories/container/container/?name={name}"));

    private static string HrefOf(Answer list) => (string?)list.Results[0]["pulp_href"] ?? "";

    /// <summary>The signatures that clients get of a manifest.</summary>
    protected async Task<JsonArray> SignaturesAsync(string name, string digest)
    {
        var answer = await GetAsync($"/extensions/v2/{name}/signatures/{digest}");
        Assert.That(answer.Status, Is.EqualTo(200), answer.Text);
        return answer.Json["signatures"]?.AsArray() ?? [];
    }
}
