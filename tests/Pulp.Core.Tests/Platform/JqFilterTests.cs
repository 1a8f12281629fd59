using System.Text.Json;
using NUnit.Framework;
using Pulp.Core.Platform.Json;

namespace Pulp.Core.Tests.Platform;

/// <summary>The part of jq that picks values out of documents; each expectation is what jq answers.</summary>
public sealed class JqFilterTests
{
    private const string Document =
        """{"a": {"b c": ["x", "y"]}, "n": 12, "deep": {"u": null}, "é": "e", "list": [{"v": 1}, {"v": "2"}]}""";

    [TestCase(".a[\"b c\"][0]", "x")]
    [TestCase(".a.\"b c\"[-1]", "y")]
    [TestCase(". | .a | .\"b c\" | .[1]", "y")]
    [TestCase(".a.[\"b c\"].[0]", "x")]
    [TestCase(".n", null)]
    [TestCase(".n | tostring", "12")]
    [TestCase(".a[\"b c\"] | tostring", "[\"x\",\"y\"]")]
    [TestCase(".nothing.at.all", null)]
    [TestCase(".deep.u.x", null)]
    [TestCase(".n.x", null)]
    [TestCase(".n.x?", null)]
    [TestCase(".[\"\\u00e9\"]", "e")]
    [TestCase(".list[].v", null)]
    [TestCase(".list[1].v", "2")]
    [TestCase(".list[5].v", null)]
    [TestCase(".a[]?[1]", "y")]
    public void A_filter_answers_its_first_output_where_that_is_a_text(string filter, string? expected)
    {
        using var document = JsonDocument.Parse(Document);

        Assert.That(JqFilter.Parse(filter).FirstText(document.RootElement), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("a")]
    [TestCase(".a |")]
    [TestCase(".a b")]
    [TestCase(".a[")]
    [TestCase(".a[1")]
    [TestCase(".a[1:2]")]
    [TestCase(".a[99999999999]")]
    [TestCase(".\"open")]
    [TestCase(".\"open\\")]
    [TestCase(".a == \"x\"")]
    [TestCase("env")]
    [TestCase(".\"\\(.n)\"")]
    [TestCase("input")]
    public void What_is_not_understood_is_refused(string filter) =>
        Assert.That(() => JqFilter.Parse(filter), Throws.TypeOf<FormatException>());
}
