using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Finds the answer to a path of a distribution: its plugin's own, or what is stored there.</summary>
internal sealed class AnswerFinder(
    PathLookup lookup,
    RememberedAnswers remembered,
    ReadAhead readAhead,
    PluginCatalog plugins,
    ResourceStore store,
    Database database,
    IServiceProvider services,
    PulpSettings settings
)
{
    public async Task<ServedAnswer> FindAsync(HttpContext context, ServedDistribution distribution, string below)
    {
        var state = distribution.State;
        var handlerType = plugins.Distribution(state.PulpType)?.Handler;
        if (below.Length > 0 && handlerType is not null)
        {
            var handler = (IContentHandler)services.GetRequiredService(handlerType);
            var found = (Distribution?)
                await store.FindByMasterAsync(
                    database,
                    typeof(Distribution),
                    Reach.Server,
                    state.PulpId,
                    context.RequestAborted
                );
            var version = state is { VersionId: { } id, RepositoryId: { } repository, VersionNumber: { } number }
                ? new RepositoryVersionRef(id, repository, number)
                : null;
            var own = found is null
                ? null
                : await handler.AnswerAsync(
                    new ContentRequest(found, below.TrimStart('/'), version, context.Request.Headers.Accept),
                    context.RequestAborted
                );
            if (own is not null)
            {
                return Remembered(distribution, below, await ConvertAsync(own, state, below, context.RequestAborted));
            }
        }

        // The path begins with the slash behind the base path; only a directory's ends with one.
        var answer = await lookup.FindAsync(state, below is "" or "/" ? below : below[1..], context.RequestAborted);
        if (answer is ServedAnswer.File && handlerType is null)
        {
            readAhead.LookedUp(distribution);
        }

        return Remembered(distribution, below, answer);
    }

    private ServedAnswer Remembered(ServedDistribution distribution, string below, ServedAnswer answer)
    {
        if (answer is ServedAnswer.File or ServedAnswer.NotFound or ServedAnswer.AddSlash or ServedAnswer.Listing)
        {
            remembered.Keep(distribution, below, answer);
        }

        return answer;
    }

    private async Task<ServedAnswer> ConvertAsync(
        ContentAnswer answer,
        ServedState state,
        string below,
        CancellationToken cancellationToken
    ) =>
        answer switch
        {
            ContentAnswer.Stored stored => await lookup.FindArtifactAsync(
                stored.ArtifactId,
                below,
                stored.MediaType,
                cancellationToken
            ),
            ContentAnswer.Bytes bytes => new ServedAnswer.Body(bytes.Body, bytes.MediaType),
            ContentAnswer.Redirect redirect => new ServedAnswer.Redirect(redirect.Location),
            ContentAnswer.Listing listing => new ServedAnswer.Listing(
                ListingPage.Make(
                    settings.ContentPathPrefix + state.BasePath + below,
                    isRoot: false,
                    listing.Entries.ToDictionary(e => e, _ => ListingEntry.Directory, StringComparer.Ordinal)
                )
            ),
            _ => throw new InvalidOperationException($"The answer {answer.GetType().Name} isn't known."),
        };
}
