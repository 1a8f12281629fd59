using FsCheck;
using FsCheck.Fluent;
using PulpPython.Names;

namespace PulpPython.Tests.Names;

public sealed class ProjectNameTests
{
    [TestCase("Friendly-Bard", "friendly-bard")]
    [TestCase("friendly.bard", "friendly-bard")]
    [TestCase("FRIENDLY_BARD", "friendly-bard")]
    [TestCase("friendly--bard", "friendly-bard")]
    [TestCase("FrIeNdLy-._.-bArD", "friendly-bard")]
    [TestCase("plain", "plain")]
    public void Spellings_of_one_name_are_one(string name, string normal) =>
        Assert.That(ProjectName.Normalize(name), Is.EqualTo(normal));

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property A_normal_name_stays_as_it_is() =>
        Prop.ForAll(
            Names().ToArbitrary(),
            name => ProjectName.Normalize(ProjectName.Normalize(name)) == ProjectName.Normalize(name)
        );

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Case_and_kind_of_separator_say_nothing() =>
        Prop.ForAll(
            Names().ToArbitrary(),
            name =>
                ProjectName.Normalize(name)
                == ProjectName.Normalize(
                    name.ToUpperInvariant().Replace('-', '_').Replace(".", "-.", StringComparison.Ordinal)
                )
        );

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property What_is_valid_stays_valid() =>
        Prop.ForAll(
            Names().ToArbitrary(),
            name => !ProjectName.IsValid(name) || ProjectName.IsValid(ProjectName.Normalize(name))
        );

    [TestCase("")]
    [TestCase("-a")]
    [TestCase("a-")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("..")]
    [TestCase("ä")]
    [TestCase("a\n")]
    public void What_is_no_name_is_not_taken(string name) => Assert.That(ProjectName.IsValid(name), Is.False);

    [Test]
    public void A_name_has_its_limit()
    {
        Assert.That(ProjectName.IsValid(new string('a', 256)), Is.True);
        Assert.That(ProjectName.IsValid(new string('a', 257)), Is.False);
    }

    private static Gen<string> Names() =>
        Gen.Elements("aAzZ09-_.".ToCharArray()).NonEmptyListOf().Select(c => new string([.. c]));
}
