using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Pulp.Testing;

/// <summary>
/// Compares a text with the one that was verified before, beside the test. A difference writes <c>.received.</c> and fails;
/// ids, moments and ports are scrubbed, because they differ from run to run.
/// </summary>
public static partial class Snapshot
{
    public static void Matches(string text, [CallerFilePath] string file = "", string extension = "json")
    {
        var name =
            $"{TestContext.CurrentContext.Test.ClassName?.Split('.')[^1]}.{TestContext.CurrentContext.Test.MethodName}";
        var directory = Path.GetDirectoryName(file) ?? "";
        var verified = Path.Combine(directory, $"{name}.verified.{extension}");
        var received = Path.Combine(directory, $"{name}.received.{extension}");
        var scrubbed = Scrub(text).TrimEnd() + "\n";
        if (File.Exists(verified) && File.ReadAllText(verified) == scrubbed)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, scrubbed);
        Assert.Fail($"{name} differs from what was verified; compare {received} with {verified}.");
    }

    private static string Scrub(string text)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        text = Id()
            .Replace(
                text,
                m => ids.TryGetValue(m.Value, out var known) ? known : ids[m.Value] = $"<id-{ids.Count + 1}>"
            );
        text = Moment().Replace(text, "<moment>");
        text = Name().Replace(text, "<name>");
        return Port().Replace(text, "http://127.0.0.1:<port>");
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")]
    private static partial Regex Moment();

    [GeneratedRegex(@"\bt[0-9a-f]{12}\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Port();
}
