using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Repositories;

namespace Pulp.TestPlugins.Images;

/// <summary>A rule for whole versions: where the repository says so, no tag changes its image.</summary>
internal static class ImmutableTags
{
    public static async Task CheckAsync(IVersionDraft draft, CancellationToken cancellationToken)
    {
        var moved = await draft.Db.FirstOrDefaultAsync<string>(
            $"""
            select old.name from images_tag old
              join images_tag now on now.name = old.name
              join images_imagerepository r on r.pulp_id = {draft.Repository} and r.immutable_tags
             where old.pulp_id in ({draft.RemovedUnits}) and now.pulp_id in ({draft.AddedUnits})
            """,
            cancellationToken
        );
        if (moved is not null)
        {
            throw new ConflictException($"The tag '{moved}' can't be moved in this repository.");
        }
    }
}
