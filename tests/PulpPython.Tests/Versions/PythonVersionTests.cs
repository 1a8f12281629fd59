using FsCheck;
using FsCheck.Fluent;
using PulpPython.Versions;

namespace PulpPython.Tests.Versions;

public sealed class PythonVersionTests
{
    /// <summary>Each is older than the next: the example of PEP 440's summary, and what its text says of each part.</summary>
    private static readonly string[] Ordered =
    [
        "1.dev0",
        "1.0.dev456",
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
        "1.0+5.0",
        "1.0+10",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1.1",
        "2012.4",
        "1!0.1",
        "1!1.0",
        "99999999999999999999999999!1.0",
    ];

    [Test]
    public void The_order_is_that_of_the_pep() =>
        Assert.Multiple(() =>
        {
            for (var i = 0; i < Ordered.Length; i++)
            {
                for (var j = 0; j < Ordered.Length; j++)
                {
                    Assert.That(
                        Math.Sign(Version(Ordered[i]).CompareTo(Version(Ordered[j]))),
                        Is.EqualTo(Math.Sign(i.CompareTo(j))),
                        $"{Ordered[i]} {Ordered[j]}"
                    );
                }
            }
        });

    [TestCase("v1.0", "1.0")]
    [TestCase(" 1.0\n", "1.0")]
    [TestCase("1.1RC1", "1.1rc1")]
    [TestCase("00.0010", "0.10")]
    [TestCase("1.1.a1", "1.1a1")]
    [TestCase("1.1-a_1", "1.1a1")]
    [TestCase("1.1alpha", "1.1a0")]
    [TestCase("1.1beta2", "1.1b2")]
    [TestCase("1.1c3", "1.1rc3")]
    [TestCase("1.1pre3", "1.1rc3")]
    [TestCase("1.1preview3", "1.1rc3")]
    [TestCase("1.2.post2", "1.2.post2")]
    [TestCase("1.2-post2", "1.2.post2")]
    [TestCase("1.2post", "1.2.post0")]
    [TestCase("1.0-r4", "1.0.post4")]
    [TestCase("1.0-1", "1.0.post1")]
    [TestCase("1.2-dev2", "1.2.dev2")]
    [TestCase("1.2DEV", "1.2.dev0")]
    [TestCase("0!1.0", "1.0")]
    [TestCase("1.0+ubuntu-1", "1.0+ubuntu.1")]
    [TestCase("1.0+UBUNTU_01.x", "1.0+ubuntu.1.x")]
    [TestCase("1.0a5.post3.dev2+x", "1.0a5.post3.dev2+x")]
    public void Spellings_have_one_normal_form(string text, string normal) =>
        Assert.That(Version(text).Normal, Is.EqualTo(normal));

    [TestCase("")]
    [TestCase("french toast")]
    [TestCase("1.0+a+")]
    [TestCase("1.0++")]
    [TestCase("1.0+_foobar")]
    [TestCase("1.0+foo&asd")]
    [TestCase("1..0")]
    [TestCase("1.0.")]
    [TestCase("1.0--1")]
    [TestCase("٣.0")]
    [TestCase("!1.0")]
    [TestCase("1.0.dev1.post1")]
    public void What_is_no_version_is_not_taken(string text) =>
        Assert.That(PythonVersion.TryParse(text, out _), Is.False);

    [TestCase("1.0", false, false, false)]
    [TestCase("1.0.dev1", true, true, false)]
    [TestCase("1.0a1", true, false, false)]
    [TestCase("1.0rc1.post2", true, false, true)]
    [TestCase("1.0.post1.dev1", true, true, true)]
    [TestCase("1.0+x.dev1", false, false, false)]
    public void Kinds_of_versions_are_told_apart(string text, bool pre, bool dev, bool post)
    {
        var version = Version(text);
        Assert.That((version.IsPrerelease, version.IsDevelopment, version.IsPostrelease), Is.EqualTo((pre, dev, post)));
    }

    [Test]
    public void Zeros_at_the_end_of_the_release_say_nothing()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Version("1.0.0"), Is.EqualTo(Version("1")));
            Assert.That(Version("1.0.0").GetHashCode(), Is.EqualTo(Version("1").GetHashCode()));
            Assert.That(Version("1.0").Normal, Is.EqualTo("1.0"));
            Assert.That(Version("0.0"), Is.EqualTo(Version("0")));
            Assert.That(Version("1.0+0"), Is.Not.EqualTo(Version("1.0")));
        });
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property The_normal_form_is_the_same_version_and_stays() =>
        Prop.ForAll(
            TestVersions.Texts().ToArbitrary(),
            text =>
            {
                var version = Version(text);
                var normal = Version(version.Normal);
                return normal == version && normal.Normal == version.Normal && normal.CompareTo(version) == 0;
            }
        );

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Order_and_equality_agree_whatever_way_one_asks() =>
        Prop.ForAll(
            TestVersions.Texts().Two().ToArbitrary(),
            pair =>
            {
                var (one, other) = (Version(pair.Item1), Version(pair.Item2));
                return one.CompareTo(other) == -other.CompareTo(one)
                    && one == other == (one.CompareTo(other) == 0)
                    && (one != other || one.GetHashCode() == other.GetHashCode());
            }
        );

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property The_order_has_no_circles() =>
        Prop.ForAll(
            TestVersions.Texts().Three().ToArbitrary(),
            three =>
            {
                var (one, two, last) = (Version(three.Item1), Version(three.Item2), Version(three.Item3));
                return !(one <= two && two <= last) || one <= last;
            }
        );

    private static PythonVersion Version(string text) => TestVersions.Version(text);
}
