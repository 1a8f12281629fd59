namespace Pulp.Api.Tests.Resources;

/// <summary>What a request says wrongly is told, all of it, and never a server's fault.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.All))]
public sealed class BadInputTests(Engine engine) : ApiFixture(engine)
{
    private const string Remotes = "remotes/file/file/";

    [TestCase("{}", "name", "This field is required.")]
    [TestCase("{\"name\": null, \"url\": \"http://x/\"}", "name", "This field may not be null.")]
    [TestCase("{\"name\": \" \", \"url\": \"http://x/\"}", "name", "This field may not be blank.")]
    [TestCase("{\"name\": [], \"url\": \"http://x/\"}", "name", "Not a valid string.")]
    [TestCase("{\"name\": \"n\\u0000\", \"url\": \"http://x/\"}", "name", "Null characters are not allowed.")]
    [TestCase("{\"name\": \"n\\ud800\", \"url\": \"http://x/\"}", "name", "Surrogate characters are not allowed.")]
    [TestCase("{\"name\": \"n\", \"url\": \"http://x/\", \"bogus\": 1}", "bogus", "Unexpected field")]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"policy\": \"never\"}",
        "policy",
        "\"never\" is not a valid choice."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"tls_validation\": \"maybe\"}",
        "tls_validation",
        "Must be a valid boolean."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"max_retries\": \"x\"}",
        "max_retries",
        "A valid integer is required."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"total_timeout\": 1e999}",
        "total_timeout",
        "A valid number is required."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"total_timeout\": -1}",
        "total_timeout",
        "Ensure this value is greater than or equal to 0."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"headers\": [{\"a\": 1e999}]}",
        "headers",
        "A valid number is required."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"headers\": {}}",
        "headers",
        "Expected a list of items but got type \"dict\"."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://x/\", \"pulp_labels\": []}",
        "pulp_labels",
        "Expected a dictionary of items but got type \"list\"."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"ftp://x/\"}",
        "url",
        "The remote url must use http://, https:// or file://."
    )]
    [TestCase(
        "{\"name\": \"n\", \"url\": \"http://u:p@x/\"}",
        "url",
        "The remote url may not contain credentials; use 'username' and 'password'."
    )]
    [TestCase("[]", "non_field_errors", "Invalid data. Expected a dictionary, but got list.")]
    public async Task Bad_input_is_400_with_the_field_and_the_message(string json, string field, string message)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, Remotes, json);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That(answer.Json?[field]?[0]?.ToString(), Is.EqualTo(message));
        });
    }

    [Test]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var answer = await Api.RawAsync(
            HttpMethod.Post,
            Remotes,
            "{\"policy\": \"x\", \"max_retries\": \"x\", \"bogus\": 1}"
        );

        Assert.That(
            answer.Json?.AsObject().Select(m => m.Key),
            Is.EquivalentTo(new[] { "name", "url", "policy", "max_retries", "bogus" })
        );
    }

    [TestCase("{")]
    [TestCase("nonsense")]
    public async Task Unreadable_json_is_400(string json)
    {
        var answer = await Api.RawAsync(HttpMethod.Post, Remotes, json);

        Assert.Multiple(() =>
        {
            Assert.That(answer.Code, Is.EqualTo(400));
            Assert.That((string?)answer.Json?["detail"], Does.StartWith("JSON parse error"));
        });
    }

    [Test]
    public async Task Endlessly_nested_json_is_400()
    {
        var json = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);

        Assert.That((await Api.RawAsync(HttpMethod.Post, Remotes, json)).Code, Is.EqualTo(400));
    }

    [Test]
    public async Task Another_media_type_is_415_and_another_method_405()
    {
        var type = await Api.SendContentAsync(
            HttpMethod.Post,
            Remotes,
            new StringContent("x", Encoding.UTF8, "text/plain")
        );
        var method = await Api.SendAsync(HttpMethod.Put, Remotes, new { });

        Assert.Multiple(() =>
        {
            Assert.That(type.Code, Is.EqualTo(415));
            Assert.That(method.Code, Is.EqualTo(405));
            Assert.That((string?)method.Json?["detail"], Is.EqualTo("Method \"PUT\" not allowed."));
        });
    }
}
