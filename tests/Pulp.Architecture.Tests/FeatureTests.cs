using System.Reflection;
using NUnit.Framework;

namespace Pulp.Architecture.Tests;

/// <summary>Core's features depend on each other in one direction, and the platform on none of them: read from what was compiled.</summary>
public sealed class FeatureTests
{
    private static readonly IReadOnlyList<(string Type, string From, string To)> Uses = CompiledDependencies.Read(
        typeof(FeatureTests)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(a => a.Key == "CoreAssembly")
            .Value
            ?? ""
    );

    /// <summary>The access gate and the tasks are seams that every operation passes.</summary>
    private static readonly (string From, string To)[] Seams =
    [
        ("Platform.Http", "Access"),
        ("Platform.OpenApi", "Access"),
        ("Platform.OpenApi", "Tasks"),
        ("Platform.Resources", "Access"),
        ("Platform.Resources", "Tasks"),
    ];

    [Test]
    public void It_reads_what_was_compiled() =>
        Assert.That(
            Uses.Select(u => (u.From, u.To)),
            Contains.Item(("Repositories", "Units")).And.Contains(("Sync", "Repositories"))
        );

    [Test]
    public void The_platform_knows_no_feature()
    {
        var breaches = Uses.Where(u => IsPlatform(u.From) && !IsPlatform(u.To) && !Seams.Contains((u.From, u.To)));

        Assert.That(breaches.Select(u => $"{u.Type} uses {u.To}"), Is.Empty);
    }

    [Test]
    public void No_features_need_each_other_in_a_circle()
    {
        var needs = Uses.Where(u => !IsPlatform(u.From) && !IsPlatform(u.To))
            .GroupBy(u => u.From, u => u.To, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Distinct(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
        var left = needs.Keys.ToHashSet(StringComparer.Ordinal);
        while (left.RemoveWhere(f => !needs[f].Exists(left.Contains)) > 0)
        {
            // What needs nothing that is left is in no circle, and doesn't keep others in one.
        }

        Assert.That(
            left.SelectMany(f => needs[f].Where(left.Contains).Select(other => $"{f} needs {other}")),
            Is.Empty
        );
    }

    private static bool IsPlatform(string part) => part.StartsWith("Platform", StringComparison.Ordinal);
}
