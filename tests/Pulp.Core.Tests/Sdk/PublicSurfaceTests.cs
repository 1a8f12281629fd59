using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using NUnit.Framework;
using Pulp.PluginSdk.Plugin;
using Pulp.Testing;

namespace Pulp.Core.Tests.Sdk;

/// <summary>What plugins are built against. A change here needs a fragment in CHANGES/plugin_api/.</summary>
public sealed class PublicSurfaceTests
{
    [Test]
    public void The_public_surface_is_the_one_that_was_verified()
    {
        var text = new StringBuilder();
        foreach (
            var type in typeof(PulpPlugin).Assembly.GetExportedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal)
        )
        {
            text.Append(
                    type.IsInterface ? "interface "
                    : type.IsEnum ? "enum "
                    : type.IsAbstract ? "abstract "
                    : ""
                )
                .Append(type)
                .AppendLine(Mark(type));
            var members = type.GetMembers(
                    BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly
                )
                .Where(m =>
                    m is not MethodInfo { IsSpecialName: true } && !m.Name.Contains('<', StringComparison.Ordinal)
                )
                .Select(m => $"  {m.MemberType} {m}{Mark(m)}")
                .Order(StringComparer.Ordinal);
            foreach (var member in members)
            {
                text.AppendLine(member);
            }
        }

        Snapshot.Matches(text.ToString(), extension: "txt");
    }

    [Test]
    public async Task What_is_not_settled_yet_is_told_to_authors()
    {
        var types = typeof(PulpPlugin).Assembly.GetExportedTypes();
        var areas = types
            .Concat<MemberInfo>(types.SelectMany(t => t.GetMembers()))
            .Select(m => m.GetCustomAttribute<ExperimentalAttribute>()?.DiagnosticId)
            .OfType<string>()
            .Distinct()
            .ToList();

        var guide = await File.ReadAllTextAsync(SourceTree.PathOf("docs/plugins.md"));

        Assert.That(areas, Is.Not.Empty);
        Assert.That(areas.Where(a => !guide.Contains($"`{a}`", StringComparison.Ordinal)), Is.Empty);
    }

    private static string Mark(MemberInfo member) =>
        member.GetCustomAttribute<ExperimentalAttribute>() is { } mark ? $" [{mark.DiagnosticId}]" : "";
}
