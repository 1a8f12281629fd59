using Pulp.PluginSdk.Errors;
using PulpPython.Vulnerabilities;

namespace PulpPython.Tests.Vulnerabilities;

/// <summary>Files of advisories in the forms that there are.</summary>
public sealed class AdvisoryFileTests
{
    private const string One =
        """{"id":"ONE","affected":[{"package":{"name":"Tea_Pot","ecosystem":"PyPI"},"versions":["1.0"]}]}""";

    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("pulp-osv-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    private async Task<int> CountAsync(string name, byte[] bytes, string version = "1.0.0")
    {
        var path = Path.Combine(_directory, name);
        await File.WriteAllBytesAsync(path, bytes);
        var file = await AdvisoryFile.ReadAsync(path, CancellationToken.None);
        return (await file.FindAsync("tea-pot", version, CancellationToken.None)).Count;
    }

    [TestCase("one.json", One)]
    [TestCase("list.json", "[" + One + "]")]
    [TestCase("answer.json", """{"vulns":[""" + One + "]}")]
    [TestCase("lines.jsonl", One + "\n\n" + One)]
    public async Task Json_is_read_in_each_form(string name, string text) =>
        Assert.That(await CountAsync(name, Encoding.UTF8.GetBytes(text)), Is.GreaterThan(0));

    [Test]
    public async Task An_archive_has_a_file_for_each()
    {
        var archive = TestPackage.Zip([("ONE.json", Encoding.UTF8.GetBytes(One)), ("README", [1])]);

        Assert.That(await CountAsync("all.zip", archive), Is.EqualTo(1));
    }

    [TestCase(
        """{"id":"W","withdrawn":"2024-01-01T00:00:00Z","affected":[{"package":{"name":"tea-pot","ecosystem":"PyPI"},"versions":["1.0"]}]}"""
    )]
    [TestCase("""{"id":"N","affected":[{"package":{"name":"tea-pot","ecosystem":"npm"},"versions":["1.0"]}]}""")]
    [TestCase(
        """{"id":"G","affected":[{"package":{"name":"tea-pot","ecosystem":"PyPI"},"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]}"""
    )]
    [TestCase("""{"id":"X","affected":"all"}""")]
    [TestCase(
        """{"id":"Y","affected":[1,{"package":2},{"package":{"name":"tea-pot","ecosystem":"PyPI"},"versions":[1,null],"ranges":[3]}]}"""
    )]
    public async Task What_does_not_concern_a_release_is_passed_over(string advisory) =>
        Assert.That(await CountAsync("x.json", Encoding.UTF8.GetBytes(advisory)), Is.Zero);

    [TestCase("x.json", "{")]
    [TestCase("x.zip", "no archive")]
    public void What_cannot_be_read_is_told(string name, string text) =>
        Assert.That(
            async () => await CountAsync(name, Encoding.UTF8.GetBytes(text)),
            Throws.TypeOf<UpstreamException>().With.Message.Contains(name)
        );
}
