using System.Net.Http.Headers;

namespace Pulp.Core.Platform.Downloads;

/// <summary>A file on its way, over all attempts.</summary>
internal sealed class Transfer(Uri url, Expectation expected, IDownloadTarget target, UpstreamCall? call)
{
    public Uri Url => url;

    /// <summary>For messages.</summary>
    public string Name { get; } = UpstreamAddress.Shown(url);

    /// <summary>What asks for more than the file; null for a mere download.</summary>
    public UpstreamCall? Call => call;

    /// <summary>What is promised is a file, not what is said in its stead; that is no longer than the file may be.</summary>
    public Expectation Expected =>
        call is { IsSuccess: false } ? Expectation.None with { MaxSize = expected.MaxSize } : expected;

    /// <exception cref="UpstreamException">More bytes than are taken.</exception>
    public void Limit(long size)
    {
        if (expected.MaxSize is { } most && size > most)
        {
            // It did answer: with its status callers know that it is this file's fault, and not that of the whole upstream.
            throw new UpstreamException(
                $"{Name} has more than the {most} bytes that are taken.",
                new FileTooLargeException(most)
            )
            {
                UpstreamStatus = call?.Status,
            };
        }
    }

    public IDownloadTarget Target => target;

    /// <summary>Which version of the file the bytes are of.</summary>
    public EntityTagHeaderValue? Tag { get; set; }

    public ResumePoint? Resumable =>
        Tag is { } tag && target.Size > 0 ? new(new RangeConditionHeaderValue(tag), target.Size) : null;
}

/// <summary>Where a broken transfer may go on.</summary>
internal sealed record ResumePoint(RangeConditionHeaderValue Condition, long Offset);
