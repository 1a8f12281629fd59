using Pulp.PluginSdk.Errors;
using PulpPython.Metadata;

namespace PulpPython.Tests.Metadata;

public sealed class CoreMetadataTests
{
    private const string Complete = """
        Metadata-Version: 2.4
        Name: BeagleVote
        Version: 1.0a2
        Dynamic: Obsoletes-Dist
        Dynamic: License
        Platform: ObscureUnix
        Platform: RareDOS
        Supported-Platform: RedHat 7.2
        Summary: A module for collecting votes
          from beagles.
        Description-Content-Type: text/markdown; charset=UTF-8
        Keywords: dog,puppy,voting
        Home-page: http://www.example.com/~cschultz/bvote/
        Download-URL: https://example.com/BeagleVote-1.0a2.tar.gz
        Author: Zoë Schültz
        Author-email: "Z. Schültz" <cschultz@example.com>
        Maintainer: Someone
        Maintainer-email: else@example.com
        License: first line
                second line
        License-Expression: MIT OR Apache-2.0
        License-File: LICENSE
        License-File: LICENSES/Apache-2.0
        Classifier: Development Status :: 4 - Beta
        Classifier: Environment :: Console (Text Based)
        Requires-Dist: pkginfo
        Requires-Dist: zope.interface (>3.5.0) ; python_version < '3'
        Requires-Python: >=3.8,!=3.9.*
        Requires-External: C
        Project-URL: Bug Tracker, https://example.com/bugs?a=1,2
        Project-URL: https://example.com/bare
        Provides-Extra: pdf
        Provides-Dist: OtherProject
        Obsoletes-Dist: Gorgon
        Requires: re
        Provides: bvote
        Obsoletes: oldvote

        # BeagleVote

        Counts: *votes*.
        """;

    [Test]
    public void Every_field_is_read()
    {
        var read = Read(Complete);

        Assert.Multiple(() =>
        {
            Assert.That((read.MetadataVersion, read.Name, read.Version), Is.EqualTo(("2.4", "BeagleVote", "1.0a2")));
            Assert.That(read.Dynamic, Is.EqualTo(["Obsoletes-Dist", "License"]));
            Assert.That(read.Platforms, Is.EqualTo(["ObscureUnix", "RareDOS"]));
            Assert.That(read.SupportedPlatforms, Is.EqualTo(["RedHat 7.2"]));
            Assert.That(read.Summary, Is.EqualTo("A module for collecting votes from beagles."));
            Assert.That(read.Description, Is.EqualTo("# BeagleVote\n\nCounts: *votes*."));
            Assert.That(read.DescriptionContentType, Is.EqualTo("text/markdown; charset=UTF-8"));
            Assert.That(read.Keywords, Is.EqualTo("dog,puppy,voting"));
            Assert.That(read.HomePage, Is.EqualTo("http://www.example.com/~cschultz/bvote/"));
            Assert.That(read.DownloadUrl, Is.EqualTo("https://example.com/BeagleVote-1.0a2.tar.gz"));
            Assert.That(read.Author, Is.EqualTo("Zoë Schültz"));
            Assert.That(read.AuthorEmail, Is.EqualTo("\"Z. Schültz\" <cschultz@example.com>"));
            Assert.That((read.Maintainer, read.MaintainerEmail), Is.EqualTo(("Someone", "else@example.com")));
            Assert.That(read.License, Is.EqualTo("first line\nsecond line"));
            Assert.That(read.LicenseExpression, Is.EqualTo("MIT OR Apache-2.0"));
            Assert.That(read.LicenseFiles, Is.EqualTo(["LICENSE", "LICENSES/Apache-2.0"]));
            Assert.That(read.Classifiers, Has.Count.EqualTo(2));
            Assert.That(read.RequiresDist, Is.EqualTo(["pkginfo", "zope.interface (>3.5.0) ; python_version < '3'"]));
            Assert.That(read.RequiresPython, Is.EqualTo(">=3.8,!=3.9.*"));
            Assert.That(read.RequiresExternal, Is.EqualTo(["C"]));
            Assert.That(
                read.ProjectUrls,
                Is.EqualTo([
                    new ProjectLink("Bug Tracker", "https://example.com/bugs?a=1,2"),
                    new ProjectLink("", "https://example.com/bare"),
                ])
            );
            Assert.That(read.ProvidesExtras, Is.EqualTo(["pdf"]));
            Assert.That((read.ProvidesDist[0], read.ObsoletesDist[0]), Is.EqualTo(("OtherProject", "Gorgon")));
            Assert.That(
                (read.Requires[0], read.Provides[0], read.Obsoletes[0]),
                Is.EqualTo(("re", "bvote", "oldvote"))
            );
        });
    }

    [Test]
    public void A_description_in_the_header_loses_its_fold()
    {
        var spaces = Read(Head + "Description: one\n        two\n          three\n        \n        four\n");
        var bars = Read(Head + "Description: one\n       |two\n       |  three\n       |\n       |four\n");

        Assert.That(spaces.Description, Is.EqualTo("one\ntwo\n  three\n\nfour"));
        Assert.That(bars.Description, Is.EqualTo(spaces.Description));
    }

    [Test]
    public void Line_breaks_of_windows_and_names_in_any_case_are_taken()
    {
        var read = Read("metadata-version: 1.0\r\nNAME: foo\r\nversion: 1\r\n\r\nlong\r\ntext\r\n");

        Assert.That((read.MetadataVersion, read.Name, read.Description), Is.EqualTo(("1.0", "foo", "long\ntext")));
    }

    [Test]
    public void Old_encodings_and_byte_order_marks_are_read()
    {
        var latin = CoreMetadata.Parse(Encoding.Latin1.GetBytes(Head + "Author: Zoë\n"));
        var marked = CoreMetadata.Parse([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Head + "Author: Zoë\n")]);

        Assert.That((latin.Author, marked.Author), Is.EqualTo(("Zoë", "Zoë")));
    }

    [Test]
    public void A_line_that_is_no_field_begins_the_description() =>
        Assert.That(Read(Head + "no field\nName: other\n").Description, Is.EqualTo("no field\nName: other"));

    [TestCase("", "lacks the field Name")]
    [TestCase("Name: foo\n", "lacks the field Version")]
    [TestCase("Name: \nVersion: 1\n", "lacks the field Name")]
    [TestCase("Metadata-Version: 3.0\nName: foo\nVersion: 1\n", "version 3.0")]
    [TestCase("Name: foo\nVersion: 1\nSummary: a\0b\n", "null character")]
    [TestCase("<html></html>", "lacks the field Name")]
    public void What_is_no_metadata_is_told(string text, string message) =>
        Assert.That(
            () => Read(text),
            Throws.TypeOf<ValidationException>().With.Message.Contains(message).And.Message.StartsWith("file: ")
        );

    [Test]
    public void Limits_are_kept_without_taking_long()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var folds = Read(Head + "Summary: a\n" + string.Concat(Enumerable.Repeat(" b\n", 500_000)));

        Assert.Multiple(() =>
        {
            Assert.That(folds.Summary, Has.Length.EqualTo(1_000_001));
            Assert.That(
                () => Read(Head + string.Concat(Enumerable.Repeat("Classifier: x\n", 20_000))),
                Throws.TypeOf<ValidationException>()
            );
            Assert.That(
                () => CoreMetadata.Parse(new byte[(16 * 1024 * 1024) + 1]),
                Throws.TypeOf<ValidationException>().With.Message.Contains("larger")
            );
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        });
    }

    private const string Head = "Metadata-Version: 2.1\nName: foo\nVersion: 1\n";

    private static CoreMetadata Read(string text) => CoreMetadata.Parse(Encoding.UTF8.GetBytes(text));
}
