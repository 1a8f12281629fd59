using Pulp.Core.Platform.Settings;
using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Turns what plugins answer into what is sent. Where a stored file lies is remembered as long as the state holds.</summary>
internal sealed class PluginAnswers(PathLookup lookup, RememberedAnswers remembered, PulpSettings settings)
{
    /// <param name="distribution">For which it is answered.</param>
    /// <param name="own">The plugin's answer.</param>
    /// <param name="path">What was asked for, from the base path on or the whole of it.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public ValueTask<Found> FindAsync(
        ServedDistribution distribution,
        ContentAnswer own,
        string path,
        CancellationToken cancellationToken
    )
    {
        var type = own switch
        {
            ContentAnswer.Stored stored => stored.MediaType ?? PathLookup.TypeOf(path),
            ContentAnswer.Unit unit => unit.MediaType ?? PathLookup.TypeOf(unit.RelativePath),
            _ => null,
        };
        if (type is null)
        {
            return ValueTask.FromResult(new Found(Made(distribution, own, path), IsRemembered: false) { Own = own });
        }

        var key = MemoryKeys.File(own, type);
        return remembered.Find(distribution, key) is ServedAnswer known
            ? ValueTask.FromResult(new Found(known, IsRemembered: true) { Key = key, Own = own })
            : LookUpAsync(distribution, own, type, key, cancellationToken);
    }

    private async ValueTask<Found> LookUpAsync(
        ServedDistribution distribution,
        ContentAnswer own,
        string type,
        string key,
        CancellationToken cancellationToken
    )
    {
        var answer = own switch
        {
            ContentAnswer.Stored file => await lookup.FindArtifactAsync(file.ArtifactId, type, cancellationToken),
            ContentAnswer.Unit unit => await lookup.FindOfUnitAsync(
                unit.ContentId,
                unit.RelativePath,
                type,
                cancellationToken
            ),
            _ => throw new InvalidOperationException($"The answer {own.GetType().Name} is no file."),
        };
        if (answer is ServedAnswer.File)
        {
            remembered.Keep(distribution, key, answer);
        }

        return new Found(answer, IsRemembered: false) { Key = key, Own = own };
    }

    private ServedAnswer Made(ServedDistribution distribution, ContentAnswer own, string path) =>
        own switch
        {
            ContentAnswer.Bytes bytes => new ServedAnswer.Body(bytes.Body, bytes.MediaType),
            ContentAnswer.Redirect redirect => new ServedAnswer.Redirect(redirect.Location),
            ContentAnswer.Upstream { Declared.Artifacts: [var file] } wanted => new ServedAnswer.PullThrough(
                wanted,
                wanted.MediaType ?? PathLookup.TypeOf(file.RelativePath),
                distribution.State.PulpDomainId
            ),
            ContentAnswer.Missing missing => new ServedAnswer.Missing(missing.Text),
            ContentAnswer.Listing listing => new ServedAnswer.Listing(
                ListingPage.Make(
                    settings.ContentPathPrefix + distribution.State.Path + path,
                    isRoot: false,
                    listing.Entries.ToDictionary(e => e, _ => ListingEntry.Directory, StringComparer.Ordinal)
                )
            ),
            _ => throw new InvalidOperationException(
                $"The answer {own.GetType().Name} can't be sent: its unit has not one file."
            ),
        };
}
