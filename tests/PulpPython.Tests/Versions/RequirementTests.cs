using PulpPython.Versions;

namespace PulpPython.Tests.Versions;

public sealed class RequirementTests
{
    [TestCase("shelf-reader", "shelf-reader [] ")]
    [TestCase(" Django >= 1.0, < 2 ", "Django [] >=1.0,<2")]
    [TestCase("Django(~=1.10)", "Django [] ~=1.10")]
    [TestCase(
        "requests[security, tests]>=2.8.1,==2.8.* ; python_version < \"2.7\"",
        "requests [security tests] >=2.8.1,==2.8.*"
    )]
    [TestCase("pip @ https://github.com/pypa/pip/archive/1.3.1.zip#sha1=da9", "pip [] ")]
    [TestCase("a[]", "a [] ")]
    public void A_requirement_tells_its_parts(string text, string expected)
    {
        Assert.That(Requirement.TryParse(text, out var parsed), Is.True);
        Assert.That(
            $"{parsed?.Name} [{string.Join(' ', parsed?.Extras ?? [])}] {parsed?.Specifiers}",
            Is.EqualTo(expected)
        );
    }

    [Test]
    public void Url_and_marker_are_kept_as_they_are()
    {
        var isOne = Requirement.TryParse("pip @ https://host/pip.zip ; os_name == 'nt'", out var parsed);

        Assert.That(isOne, Is.True);
        Assert.That((parsed?.Url, parsed?.Marker), Is.EqualTo(("https://host/pip.zip", "os_name == 'nt'")));
    }

    [TestCase("")]
    [TestCase(">=1.0")]
    [TestCase("foo bar")]
    [TestCase("foo>=")]
    [TestCase("foo>=x")]
    [TestCase("foo==1.0;")]
    [TestCase("foo[a")]
    [TestCase("foo[a b]")]
    [TestCase("-foo")]
    [TestCase("foo (>=1.0")]
    public void What_is_no_requirement_is_not_taken(string text) =>
        Assert.That(Requirement.TryParse(text, out _), Is.False);

    [Test]
    public void No_text_takes_long()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (var part in new[] { " ", "a", "[", ";", ",", "=", "a;" + new string(' ', 50) })
        {
            _ = Requirement.TryParse("a" + string.Concat(Enumerable.Repeat(part, 8000 / part.Length)) + "!", out _);
        }

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
    }
}
