using System.Net.Http.Headers;

namespace Pulp.Core.Platform.Downloads;

/// <summary>A file on its way, over all attempts.</summary>
internal sealed class Transfer(Uri url, Expectation expected, IDownloadTarget target)
{
    public Uri Url => url;

    /// <summary>For messages.</summary>
    public string Name { get; } = Downloader.SafeUrl(url);

    public Expectation Expected => expected;

    public IDownloadTarget Target => target;

    /// <summary>Which version of the file the bytes are of.</summary>
    public EntityTagHeaderValue? Tag { get; set; }

    public ResumePoint? Resumable =>
        Tag is { } tag && target.Size > 0 ? new(new RangeConditionHeaderValue(tag), target.Size) : null;
}

/// <summary>Where a broken transfer may go on.</summary>
internal sealed record ResumePoint(RangeConditionHeaderValue Condition, long Offset);
