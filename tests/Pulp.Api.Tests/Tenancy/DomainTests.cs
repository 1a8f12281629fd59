using System.Text.Json.Nodes;

namespace Pulp.Api.Tests.Tenancy;

/// <summary>Domains as resources; they can be made ready before the server separates tenants.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class DomainTests(Engine engine) : ApiFixture(engine)
{
    private const string FileSystem = "pulpcore.app.models.storage.FileSystem";

    private string Location => Path.Combine(Server.Settings.DataDir, "tenants");

    private object Body(string name, object? settings = null, string storage = FileSystem) =>
        new
        {
            name,
            storage_class = storage,
            storage_settings = settings ?? new { MEDIA_ROOT = Location },
        };

    [Test]
    public async Task A_domain_is_created_at_once_and_shows_its_storage()
    {
        var name = PulpClient.Unique();

        var made = await Api.PostAsync("domains/", Body(name));

        Assert.That(made.Code, Is.EqualTo(201), made.Text);
        Assert.Multiple(() =>
        {
            Assert.That((string?)made.Json?["name"], Is.EqualTo(name));
            Assert.That((string?)made.Json?["storage_class"], Is.EqualTo(FileSystem));
            Assert.That((string?)made.Json?["storage_settings"]?["location"], Is.EqualTo(Location));
            Assert.That((int?)made.Json?["storage_settings"]?["file_permissions_mode"], Is.EqualTo(420));
            Assert.That(made.Json?["storage_settings"]?["hidden_fields"]?.AsArray(), Is.Empty);
            Assert.That((bool?)made.Json?["redirect_to_object_storage"], Is.True);
            Assert.That((string?)made.Json?["prn"], Does.StartWith("prn:core.domain:"));
        });
        Assert.That((await Api.GetAsync(made.Href)).Text, Is.EqualTo(made.Text));
        Assert.That((await Api.GetAsync($"domains/?name={name}")).Results, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_domain_changes_and_goes_by_tasks()
    {
        var domain = (await Api.PostAsync("domains/", Body(PulpClient.Unique()))).Href;

        var changed = await Api.PatchAsync(
            domain,
            new { description = "ours", storage_settings = new { file_permissions_mode = 384 } }
        );
        await Api.CompletedAsync(changed);
        var label = await Api.PostAsync(domain + "set_label/", new { key = "team", value = "blue" });
        var after = (await Api.GetAsync(domain)).Json;

        Assert.Multiple(() =>
        {
            Assert.That(label.Code, Is.EqualTo(201), label.Text);
            Assert.That((string?)after?["description"], Is.EqualTo("ours"));
            Assert.That((string?)after?["storage_settings"]?["location"], Is.EqualTo(Location));
            Assert.That((int?)after?["storage_settings"]?["file_permissions_mode"], Is.EqualTo(384));
            Assert.That((string?)after?["pulp_labels"]?["team"], Is.EqualTo("blue"));
        });
        await Api.CompletedAsync(await Api.DeleteAsync(domain));
        Assert.That((await Api.GetAsync(domain)).Code, Is.EqualTo(404));
    }

    [Test]
    public async Task Storage_settings_may_come_as_text()
    {
        var made = await Api.PostAsync("domains/", Body(PulpClient.Unique(), $$"""{"media_root": "{{Location}}"}"""));

        Assert.That((string?)made.Json?["storage_settings"]?["location"], Is.EqualTo(Location), made.Text);
    }

    [TestCase(
        """{"name":"api","storage_class":"FS","storage_settings":{"location":""}}""",
        """{"name":["Name can not be 'api' or 'content'."]}"""
    )]
    [TestCase(
        """{"name":"Content","storage_class":"FS","storage_settings":{"location":""}}""",
        """{"name":["Name can not be 'api' or 'content'."]}"""
    )]
    [TestCase(
        """{"name":"a b","storage_class":"FS","storage_settings":{"location":""}}""",
        """{"name":["Enter a valid \"slug\" consisting of letters, numbers, underscores or hyphens."]}"""
    )]
    [TestCase(
        """{"name":"default","storage_class":"FS","storage_settings":{"location":""}}""",
        """{"name":["This field must be unique."]}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"FS","storage_settings":{}}""",
        """{"storage_settings":{"location":["This field is required."]}}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"FS","storage_settings":{"x":1,"location":5}}""",
        """{"storage_settings":{"x":"Unexpected field"}}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"FS","storage_settings":{"location":5,"file_permissions_mode":"a"}}""",
        """{"storage_settings":{"file_permissions_mode":["A valid integer is required."],"location":["Not a valid string."]}}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"FS","storage_settings":{"location":"here"}}""",
        """{"storage_settings":{"location":["This must be an absolute path, or empty for the server's own storage."]}}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"FS","storage_settings":[]}""",
        """{"storage_settings":["Expected a dictionary of items but got type \"list\"."]}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"FS","storage_settings":"{"}""",
        """{"storage_settings":["Value must be valid JSON."]}"""
    )]
    [TestCase(
        """{"name":"x","storage_class":"storages.backends.s3.S3Storage","storage_settings":{"bucket_name":"b"}}""",
        """{"storage_class":["Backend is not installed on Pulp."]}"""
    )]
    [TestCase("""{"name":"x","storage_class":"FS","storage_settings":{"location":"/dev/null/x"}}""", null)]
    public async Task What_cannot_work_is_refused(string body, string? told)
    {
        var refused = await Api.RawAsync(HttpMethod.Post, "domains/", body.Replace("\"FS\"", $"\"{FileSystem}\""));

        Assert.That(refused.Code, Is.EqualTo(400), refused.Text);
        Assert.That(told is null || JsonNode.DeepEquals(refused.Json, JsonNode.Parse(told)), refused.Text);
    }

    [Test]
    public async Task The_default_domain_is_the_settings_own()
    {
        var found = (await Api.GetAsync("domains/?name=default")).Results[0];
        var href = (string?)found["pulp_href"] ?? "";

        Assert.That((string?)found["storage_settings"]?["location"], Is.EqualTo(Server.Settings.MediaRoot));
        Assert.That(
            (await Api.PatchAsync(href, new { description = "x" })).Text,
            Is.EqualTo("""["Default domain can not be updated."]""")
        );
        Assert.That((await Api.DeleteAsync(href)).Text, Is.EqualTo("""["Default domain can not be deleted."]"""));
    }
}
