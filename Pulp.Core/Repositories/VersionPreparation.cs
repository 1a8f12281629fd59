using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Repositories;

/// <summary>What happens to each version before it is complete: its plugin's own rules, and what its units refer to.</summary>
internal sealed class VersionPreparation(VersionDrafts drafts, ResourceRegistry registry, PluginCatalog plugins)
{
    public async Task PrepareAsync(VersionBuilder builder, CancellationToken cancellationToken)
    {
        var repository = registry.ForType("core_repository", builder.RepositoryType).Record;
        var draft = drafts.Of(builder);
        if (plugins.Repository(repository)?.BeforeVersion is { } complete)
        {
            await builder.AddHeldAsync(cancellationToken);
            if (await builder.HasChangesAsync(cancellationToken))
            {
                await complete(draft, cancellationToken);
            }
        }

        await draft.AddReferredAsync(cancellationToken);
    }
}
