using FsCheck;
using FsCheck.Fluent;
using PulpPython.Versions;

namespace PulpPython.Tests.Versions;

public sealed class VersionSpecifiersTests
{
    /// <summary>What the text of PEP 440 says, clause by clause, and what it implies.</summary>
    [TestCase("", "1.0 2.0+x", "")]
    [TestCase("~=2.2", "2.2 2.2.post1 2.3 2.10 2.2+x", "2.1 3.0 2.2a1")]
    [TestCase("~=1.4.5", "1.4.5 1.4.6 1.4.50", "1.4.4 1.5 1.4")]
    [TestCase("~=2.2.post3", "2.2.post3 2.3", "2.2.post2 2.2 3.0")]
    [TestCase("~=1.4.5a4", "1.4.5a4 1.4.5 1.4.9", "1.4.5a3 1.5")]
    [TestCase("~=2.2.0", "2.2 2.2.7", "2.3")]
    [TestCase("~=1!2.2", "1!2.3", "2.3 1!3.0")]
    [TestCase("==1.1", "1.1 1.1.0 v1.1 1.1+local", "1.1.post1 1.1a1 1.1.dev1 1.2")]
    [TestCase("==1.1.post1", "1.1.post1 1.1-1", "1.1")]
    [TestCase("==1.1.*", "1.1 1.1.post1 1.1.5 1.1a1 1.1.dev1 1.1+x", "1.10 1.2 1")]
    [TestCase("==1.*", "1 1.0 1.9.9", "2 0.9 1!1.0")]
    [TestCase("==1.1.0.*", "1.1 1.1.0.9", "1.1.1")]
    [TestCase("==1.1a1.*", "1.1a1 1.1.0a1.post1 1.1a1.dev1", "1.1a2 1.1 1.1.1a1")]
    [TestCase("==1.0+foo", "1.0+foo 1.0+FOO", "1.0 1.0+bar")]
    [TestCase("!=1.1", "1.1.post1 1.2", "1.1 1.1.0 1.1+x")]
    [TestCase("!=1.1.post1", "1.1", "1.1.post1")]
    [TestCase("!=1.1.*", "1.2 1.10", "1.1 1.1.post1 1.1a1")]
    [TestCase(">=1.0", "1.0 1.0+x 1.0.post1 2.0", "0.9 1.0a1 1.0.dev1")]
    [TestCase("<=1.0", "1.0 1.0+x 0.9 1.0a1", "1.0.post1 1.1")]
    [TestCase(">1.7", "1.7.1 1.8", "1.7 1.7.0.post1 1.7+x 1.7.post1")]
    [TestCase(">1.7.post2", "1.7.1 1.7.0.post3", "1.7 1.7.post2 1.7.post2+x")]
    [TestCase("<2.0", "1.9 1.9a1", "2.0 2.0a1 2.0.dev1")]
    [TestCase("<2.0rc1", "2.0b1 2.0a1 1.9", "2.0rc1 2.0")]
    [TestCase("===1.0", "1.0", "1.0.0 1.0+x")]
    [TestCase("===1.0+Local", "1.0+local", "1.0")]
    [TestCase(">= 1.0, != 1.3.4.*, < 2.0", "1.0 1.3.5", "1.3.4 1.3.4.7 2.0")]
    [TestCase(">=1,", "1 2", "0.9")]
    public void The_clauses_mean_what_the_pep_says(string specifiers, string inside, string outside) =>
        Assert.Multiple(() =>
        {
            var parsed = Specifiers(specifiers);
            foreach (var version in inside.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.That(parsed.Contains(TestVersions.Version(version), prereleases: true), Is.True, version);
            }

            foreach (var version in outside.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.That(parsed.Contains(TestVersions.Version(version), prereleases: true), Is.False, version);
            }
        });

    [TestCase("", "2.0a1", false)]
    [TestCase(">=1.0", "2.0.dev1", false)]
    [TestCase(">=2.0a1", "2.0a2", true)]
    [TestCase(">=1.0,==2.0rc1", "2.0rc1", true)]
    [TestCase("!=2.0a1", "2.0a2", false)]
    [TestCase("===2.0a1", "2.0a1", true)]
    [TestCase(">=1.0", "2.0.post1", true)]
    public void Pre_releases_are_taken_when_a_clause_names_one(string specifiers, string version, bool isTaken) =>
        Assert.That(
            Specifiers(specifiers).Contains(TestVersions.Version(version), prereleases: false),
            Is.EqualTo(isTaken)
        );

    [TestCase("1.0")]
    [TestCase("=>1.0")]
    [TestCase("==")]
    [TestCase("==french toast")]
    [TestCase("~=1")]
    [TestCase("~=1.0+x")]
    [TestCase(">=1.0.*")]
    [TestCase(">=1.0+x")]
    [TestCase("==1.0.dev1.*")]
    [TestCase("==1.0+x.*")]
    [TestCase("==*")]
    [TestCase(">=1.0 <2.0")]
    [TestCase("==1.0;x")]
    public void What_is_no_clause_is_not_taken(string text) =>
        Assert.That(VersionSpecifiers.TryParse(text, out _), Is.False);

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Clauses_agree_with_the_order() =>
        Prop.ForAll(
            Gen.Zip(TestVersions.Texts(), TestVersions.Texts(withLocal: false)).ToArbitrary(),
            pair =>
            {
                var (version, named) = (TestVersions.Version(pair.Item1), TestVersions.Version(pair.Item2));
                var order = TestVersions.Version(version.Public).CompareTo(named);
                return Holds(">=", version, named) == order >= 0
                    && Holds("<=", version, named) == order <= 0
                    && Holds("==", version, named) == (order == 0)
                    && Holds("!=", version, named) == (order != 0)
                    && (!Holds("<", version, named) || order < 0)
                    && (!Holds(">", version, named) || order > 0);
            }
        );

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Compatible_is_at_least_and_of_the_same_series() =>
        Prop.ForAll(
            Gen.Zip(TestVersions.Texts(), TestVersions.Texts(withLocal: false)).ToArbitrary(),
            pair =>
            {
                var (version, named) = (TestVersions.Version(pair.Item1), TestVersions.Version(pair.Item2));
                if (named.Release.Count < 2)
                {
                    return true;
                }

                var series = $"{named.Epoch}!{string.Join('.', named.Release.SkipLast(1))}.*";
                return Holds("~=", version, named)
                    == Specifiers($">={named.Normal},=={series}").Contains(version, prereleases: true);
            }
        );

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property A_list_holds_when_each_clause_does() =>
        Prop.ForAll(
            TestVersions.Texts(withLocal: false).Three().ToArbitrary(),
            three =>
            {
                var (version, low, high) = (TestVersions.Version(three.Item1), three.Item2, three.Item3);
                return Specifiers($">={low},<{high}").Contains(version, prereleases: true)
                    == (
                        Specifiers($">={low}").Contains(version, prereleases: true)
                        && Specifiers($"<{high}").Contains(version, prereleases: true)
                    );
            }
        );

    private static bool Holds(string @operator, PythonVersion version, PythonVersion named) =>
        Specifiers(@operator + named.Normal).Contains(version, prereleases: true);

    private static VersionSpecifiers Specifiers(string text) =>
        VersionSpecifiers.TryParse(text, out var specifiers) ? specifiers : throw new FormatException(text);
}
