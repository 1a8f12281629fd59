using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Sync;
using PulpContainer.Remotes;
using PulpContainer.Repositories;
using PulpContainer.Upstreams;

namespace PulpContainer.Sync;

/// <summary>What a sync is asked beside remote and mirror.</summary>
public sealed record ContainerRepositorySyncURL
{
    /// <summary>Images without a signature are left out.</summary>
    [Field("Whether only images are taken that have a signature. Signatures aren't verified.")]
    public bool SignedOnly { get; init; }
}

/// <summary>Reads a repository of another registry, several tags at once.</summary>
internal sealed class ContainerSync(IContents contents, TimeProvider clock)
    : SyncPlan<ContainerRepository, ContainerRemote, ContainerRepositorySyncURL>
{
    private const int Buffered = 1_000;

    /// <summary>A registry that says when it gives more manifests is waited for as long as for one that says <c>Retry-After</c>.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    public override async IAsyncEnumerable<DeclaredContent> DeclareAsync(
        SyncContext<ContainerRepository, ContainerRemote> sync,
        ContainerRepositorySyncURL options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var upstream = new UpstreamRepository(
            sync.Url,
            sync.Remote.UpstreamName,
            sync.FetchAsync,
            new RequestAllowance(LongestWait, clock)
        );
        var channel = Channel.CreateBounded<DeclaredContent>(
            new BoundedChannelOptions(Buffered) { SingleReader = true }
        );
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signatures = new SignatureSync(
            sync,
            new UpstreamSignatures(upstream, sync.Remote.Sigstore, sync.FetchAsync),
            channel.Writer
        );
        var manifests = new ManifestSync(sync, upstream, signatures, contents, channel.Writer, stop.Token);
        var tags = new TagSync(sync, options, upstream, manifests, signatures, channel.Writer);
        var reading = ReadAsync(tags, channel, stop.Token);
        try
        {
            await foreach (var unit in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return unit;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await reading;
        }
    }

    /// <summary>Never throws: what goes wrong reaches whoever reads the units.</summary>
    private static async Task ReadAsync(
        TagSync tags,
        ChannelWriter<DeclaredContent> units,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await tags.RunAsync(cancellationToken);
            units.Complete();
        }
        catch (Exception error)
        {
            units.TryComplete(error);
        }
    }
}
