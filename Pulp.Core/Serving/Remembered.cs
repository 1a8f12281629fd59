using Pulp.PluginSdk.Serving;

namespace Pulp.Core.Serving;

/// <summary>Something that <see cref="RememberedAnswers"/> keeps for a distribution.</summary>
internal abstract record Remembered
{
    /// <summary>About how much memory it takes.</summary>
    public virtual long MemoryBytes => 64;

    /// <summary>More than this part of a generation isn't kept.</summary>
    public virtual int LargestPart => 8;
}

/// <summary>A value that a plugin made of what is served.</summary>
internal sealed record RememberedValue(object? Value, long Bytes) : Remembered
{
    public override long MemoryBytes => Math.Max(Bytes, 0) + 64;

    public override int LargestPart => 2;
}

/// <summary>What a handler said to a path, or to one kind of request for it.</summary>
internal sealed record RememberedDecision(ContentAnswer Answer) : Remembered
{
    public override long MemoryBytes =>
        200
        + (Answer.Headers?.Sum(h => 2L * (h.Key.Length + h.Value.Length) + 60) ?? 0)
        + Answer switch
        {
            ContentAnswer.Bytes bytes => bytes.Body.Length,
            ContentAnswer.Listing listing => listing.Entries.Sum(e => 2L * e.Length + 30),
            _ => 200,
        };
}

/// <summary>A path whose answer depends on these headers: each variant is kept under a key of its own.</summary>
internal sealed record RememberedVariants(IReadOnlyList<string> Headers) : Remembered;

/// <summary>
/// Under which keys things are kept for a distribution. What is looked up at a path has the path, which is empty or begins with a
/// slash; everything else begins with a character of its own.
/// </summary>
internal static class MemoryKeys
{
    /// <summary>What is stored at a path below a distribution whose handler is asked first.</summary>
    public static string BehindHandler(string below) => "=" + below;

    public static string Variant(string below, IReadOnlyList<string> headers, IHeaderDictionary request) =>
        "~" + string.Join('\n', headers.Select(h => request[h].ToString()).Prepend(below));

    /// <summary>A file that a plugin names by what it is, with its media type.</summary>
    public static string File(ContentAnswer answer, string mediaType) =>
        answer switch
        {
            ContentAnswer.Stored stored => $"@{stored.ArtifactId:N} {mediaType}",
            ContentAnswer.Unit unit => $"&{unit.ContentId:N} {mediaType} {unit.RelativePath}",
            _ => throw new InvalidOperationException($"The answer {answer.GetType().Name} is no file."),
        };

    public static string Value(string key) => "#" + key;
}
