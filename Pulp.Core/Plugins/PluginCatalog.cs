namespace Pulp.Core.Plugins;

/// <summary>All plugins of the process.</summary>
internal sealed class PluginCatalog(IReadOnlyList<PluginDeclarations> plugins)
{
    public IReadOnlyList<PluginDeclarations> Plugins { get; } = plugins;

    /// <exception cref="InvalidOperationException">It isn't one of the plugins of this process.</exception>
    public string LabelOf(Type plugin) =>
        Plugins.FirstOrDefault(p => p.Plugin == plugin)?.Identity.AppLabel
        ?? throw new InvalidOperationException($"{plugin.Name} is no plugin of this server.");

    public ContentDeclaration? Content(Type record) =>
        Plugins.SelectMany(p => p.Contents).FirstOrDefault(c => c.Record == record);

    public RemoteDeclaration? Remote(Type record) =>
        Plugins.SelectMany(p => p.Remotes).FirstOrDefault(r => r.Record == record);

    public RepositoryDeclaration? Repository(Type record) =>
        Plugins.SelectMany(p => p.Repositories).FirstOrDefault(r => r.Record == record);

    public PublicationDeclaration? Publication(Type record) =>
        Plugins.SelectMany(p => p.Publications).FirstOrDefault(r => r.Record == record);

    public DistributionDeclaration? Distribution(string pulpType) =>
        Plugins.SelectMany(p => p.Distributions).FirstOrDefault(d => $"{d.App}.{d.TypeName}" == pulpType);
}
