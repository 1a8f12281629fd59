using FsCheck;
using FsCheck.Fluent;
using PulpPython.Packages;
using PulpPython.Tests.Versions;

namespace PulpPython.Tests.Packages;

/// <summary>Versions as texts that databases compare.</summary>
public sealed class VersionKeyTests
{
    [Test]
    public void Keys_sort_as_versions_do()
    {
        string[] inOrder =
        [
            "1.dev0",
            "1.0.dev456",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a2.dev456",
            "1.0a12.dev456",
            "1.0a12",
            "1.0b1.dev456",
            "1.0b2",
            "1.0b2.post345.dev456",
            "1.0b2.post345",
            "1.0rc1.dev456",
            "1.0rc1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0+5.1",
            "1.0+10",
            "1.0.post456.dev34",
            "1.0.post456",
            "1.0.1",
            "1.0.10",
            "1.1.dev1",
            "1.9",
            "1.10",
            "12345678901234567890",
            "1!0.1",
        ];

        Assert.That(inOrder.Select(VersionKey.Of), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(inOrder.Select(VersionKey.Of).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(inOrder.Length));
    }

    [TestCase("1.0", "1.0.0")]
    [TestCase("1.0", "v1")]
    [TestCase("1.0-1", "1.post1")]
    [TestCase("1.0alpha", "1a0")]
    [TestCase("0!1", "1")]
    [TestCase("0", "0.0")]
    [TestCase("1.0+Ubuntu_1", "1+ubuntu.1")]
    public void Versions_that_mean_the_same_have_the_same_key(string one, string other) =>
        Assert.That(VersionKey.Of(one), Is.EqualTo(VersionKey.Of(other)).And.Not.Empty);

    [Test]
    public void What_is_no_version_has_none() => Assert.That(VersionKey.Of("not a version"), Is.Empty);

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Keys_agree_with_the_order_of_versions() =>
        Prop.ForAll(
            TestVersions.Texts().Two().ToArbitrary(),
            pair =>
                Math.Sign(string.CompareOrdinal(VersionKey.Of(pair.Item1), VersionKey.Of(pair.Item2)))
                == Math.Sign(TestVersions.Version(pair.Item1).CompareTo(TestVersions.Version(pair.Item2)))
        );
}
