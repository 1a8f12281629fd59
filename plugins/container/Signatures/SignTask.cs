using System.Collections.Concurrent;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Signing;
using Pulp.PluginSdk.Sync;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Repositories;

namespace PulpContainer.Signatures;

/// <summary>Arguments of <see cref="SignTask"/>.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Service">Who signs.</param>
/// <param name="Reference">What clients pull the images as: host and name.</param>
/// <param name="Tags">Names of the tags to sign; all where none is named.</param>
internal sealed record SignArgs(Guid Repository, Guid Service, string Reference, IReadOnlyList<string> Tags);

/// <summary>Signs what tags name, and of indexes also the images that they list: clients look at the image of their machine.</summary>
[PulpTask("pulp_container.app.tasks.sign.sign")]
internal sealed class SignTask(
    RepositoryChanges changes,
    IRepositoryVersions versions,
    IResources resources,
    ISigningServices signing
) : PulpTask<SignArgs>
{
    /// <summary>Scripts at the same time.</summary>
    private const int AtOnce = 4;

    public override async Task<object?> RunAsync(SignArgs args, ITaskContext task, CancellationToken cancellationToken)
    {
        var service =
            await resources.FindAsync<SigningService>(args.Service, cancellationToken)
            ?? throw new NotFoundException("The signing service was removed.");
        var version =
            await versions.LatestAsync(args.Repository, cancellationToken)
            ?? throw new NotFoundException("The repository was removed.");
        var wanted = await WantedAsync(args, version, task, cancellationToken);
        var signatures = new ConcurrentBag<DeclaredContent>();
        await using (var progress = task.Progress("Signing manifests", "container.signing", wanted.Count))
        {
            await Parallel.ForEachAsync(
                wanted,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (one, token) =>
                {
                    signatures.Add(await SignAsync(service, one, task, token));
                    progress.Increment();
                }
            );
            progress.Complete();
        }

        return await changes.MakeAsync(
            task,
            args.Repository,
            (draft, token) => draft.AddAsync([.. signatures], token),
            cancellationToken
        );
    }

    private async Task<DeclaredContent> SignAsync(
        SigningService service,
        ToSign one,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var body =
            await ManifestBodies.FindAsync(task.Db, one.Manifest, cancellationToken)
            ?? throw new NotFoundException($"The manifest {one.Digest} is gone.");
        var signature = await signing.SignAsync(
            service,
            SigningOrders.Of(body, one.Reference),
            task,
            cancellationToken
        );
        try
        {
            _ = Digest.TryParse(one.Digest, out var digest);
            return new DeclaredContent(SimpleSignature.Read(signature, digest, one.Manifest));
        }
        catch (FormatException error)
        {
            throw new ProgramException(
                $"The signing service '{service.Name}' gave no signature of {one.Reference}: {error.Message}",
                error
            );
        }
    }

    private async Task<IReadOnlyList<ToSign>> WantedAsync(
        SignArgs args,
        RepositoryVersionRef version,
        ITaskContext task,
        CancellationToken cancellationToken
    )
    {
        var wanted = new List<ToSign>();
        await foreach (
            var tag in versions.ContentAsync<Tag>(
                version,
                args.Tags.Count == 0 ? null : (Pulp.PluginSdk.Data.SqlText)$"d.name in {args.Tags}",
                cancellationToken
            )
        )
        {
            // Signatures and the like have tags, too.
            if (CompanionTags.PrefixIn(tag.Name) is not null)
            {
                continue;
            }

            var reference = $"{args.Reference}:{tag.Name}";
            var found = await task.Db.QueryAsync<Row>(
                $"""
                select m.pulp_id, m.digest from container_manifest m
                 where m.pulp_id = {tag.TaggedManifest}
                    or m.pulp_id in (select r.referred_id from container_manifest_manifests r
                                      where r.content_id = {tag.TaggedManifest})
                """,
                cancellationToken
            );
            wanted.AddRange(found.Select(row => new ToSign(row.PulpId, row.Digest, reference)));
        }

        return wanted;
    }

    private sealed record ToSign(Guid Manifest, string Digest, string Reference);

    private sealed record Row
    {
        public Guid PulpId { get; init; }

        public string Digest { get; init; } = "";
    }
}
