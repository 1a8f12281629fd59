using NUnit.Framework.Constraints;

namespace Pulp.PluginSdk.Testing;

/// <summary>Waits for what comes by itself, without a sleep.</summary>
public static class SoonExtensions
{
    /// <summary>
    /// Asks until it holds: <c>Assert.That(() => CountAsync(), Is.EqualTo(1).Soon())</c>. What takes milliseconds may take a busy
    /// machine many seconds, so that only what never comes fails.
    /// </summary>
    /// <param name="constraint">What shall hold.</param>
    public static DelayedConstraint Soon(this Constraint constraint) => constraint.After(60_000, 20);
}
