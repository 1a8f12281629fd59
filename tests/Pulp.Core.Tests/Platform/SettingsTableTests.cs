using System.Text.RegularExpressions;
using NUnit.Framework;
using Pulp.Core.Platform.Settings;
using Pulp.Testing;

namespace Pulp.Core.Tests.Platform;

/// <summary>docs/reference.md names the settings that there are, and no others.</summary>
public sealed partial class SettingsTableTests
{
    [Test]
    public void Every_setting_stands_in_the_table_and_every_row_is_a_setting()
    {
        var text = File.ReadAllText(SourceTree.PathOf("docs/reference.md"));
        var start = text.IndexOf("| setting | default | meaning |", StringComparison.Ordinal);
        var table = text[start..text.IndexOf("\n\n", start, StringComparison.Ordinal)];

        var documented = Rows().Matches(table).Select(m => m.Groups["name"].Value).ToList();

        Assert.That(documented, Is.EquivalentTo(SettingsBinder.NamesOf(typeof(PulpSettings), "")));
    }

    [GeneratedRegex("^\\| `(?<name>[A-Z_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
