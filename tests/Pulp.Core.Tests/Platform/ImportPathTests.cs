using NUnit.Framework;
using Pulp.Core.Platform.Downloads;

namespace Pulp.Core.Tests.Platform;

public sealed class ImportPathTests
{
    private string _root = "";

    private string Allowed => Path.Combine(_root, "allowed");

    private string Outside => Path.Combine(_root, "allowed-other");

    [SetUp]
    public void MakeDirectories()
    {
        _root = Directory.CreateTempSubdirectory("pulp-import-").FullName;
        Directory.CreateDirectory(Path.Combine(Allowed, "sub"));
        Directory.CreateDirectory(Outside);
        File.WriteAllText(Path.Combine(Allowed, "sub", "file"), "x");
        File.WriteAllText(Path.Combine(Outside, "file"), "x");
    }

    [TearDown]
    public void RemoveDirectories() => Directory.Delete(_root, recursive: true);

    private string? Resolve(string path) => ImportPaths.Resolve(new Uri("file://" + path), [Allowed]);

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(Allowed, name), target);

    [Test]
    public void Files_below_an_allowed_directory_are_reached_also_by_links_within()
    {
        Link("link", "chain");
        Link("chain", "sub");

        Assert.That(Resolve(Allowed + "/sub/file"), Is.EqualTo(Resolve(Allowed + "/link/file")).And.Not.Null);
        Assert.That(Resolve(Allowed + "/not-yet/there"), Is.Not.Null);
    }

    [Test]
    public void A_directory_whose_name_only_begins_like_an_allowed_one_is_not_below_it()
    {
        Assert.That(Resolve(Outside + "/file"), Is.Null);
        Assert.That(Resolve(Allowed + "/../allowed-other/file"), Is.Null);
        Assert.That(Resolve(Allowed + "/%2e%2e/allowed-other/file"), Is.Null);
        Assert.That(Resolve(Allowed + "/file%00"), Is.Null);
    }

    [Test]
    public void A_link_out_leads_nowhere()
    {
        Link("link", "/etc/passwd");
        Link("directory", Outside);

        Assert.That(Resolve(Allowed + "/link"), Is.Null);
        Assert.That(Resolve(Allowed + "/directory/file"), Is.Null);
    }

    [Test]
    public void A_chain_of_links_leads_nowhere_either_wherever_it_leaves()
    {
        Link("out", Outside);
        Link("second", "out");
        Link("through", "out/file");
        Link("climbs", "sub/../../allowed-other/file");
        File.CreateSymbolicLink(Path.Combine(Allowed, "sub", "up"), "../out");
        Link("deep", "sub/up/file");

        Assert.Multiple(() =>
        {
            Assert.That(Resolve(Allowed + "/second/file"), Is.Null);
            Assert.That(Resolve(Allowed + "/through"), Is.Null);
            Assert.That(Resolve(Allowed + "/climbs"), Is.Null);
            Assert.That(Resolve(Allowed + "/deep"), Is.Null);
        });
    }

    [Test]
    public void Links_in_a_circle_lead_nowhere()
    {
        Link("one", "two");
        Link("two", "one");

        Assert.That(Resolve(Allowed + "/one/file"), Is.Null);
    }
}
