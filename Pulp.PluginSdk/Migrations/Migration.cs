namespace Pulp.PluginSdk.Migrations;

/// <summary>One step of a component's schema, forward only, numbered per component. It runs in one transaction.</summary>
/// <param name="id">Number in the component; steps run in this order.</param>
/// <param name="name">Short name for logs and the history table.</param>
public abstract class Migration(int id, string name)
{
    /// <summary>Number in the component.</summary>
    public int Id { get; } = id;

    /// <summary>Short name.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// The oldest version of the component that may still be running when this is applied; null when every older release
    /// keeps working. While an older process is alive, the step is refused and that process is named.
    /// </summary>
    public virtual Version? BreaksBefore => null;

    /// <summary>Declares the changes.</summary>
    /// <param name="schema">Collects them.</param>
    public abstract void Up(SchemaBuilder schema);
}
