namespace Pulp.Core.Platform.Downloads;

/// <summary>Opens what <c>file://</c> addresses name.</summary>
internal static class LocalFiles
{
    private const int BufferSize = 64 * 1024;

    /// <exception cref="UpstreamException">It is nowhere where it may be read, isn't there, or can't be read.</exception>
    public static FileStream Open(Uri url, string name, IReadOnlyList<string> importPaths)
    {
        var path =
            ImportPaths.Resolve(url, importPaths)
            ?? throw new UpstreamException($"{name} is not below an allowed import path.");
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read,
                BufferSize,
                FileOptions.SequentialScan
            );
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UpstreamException($"{name} isn't there.", error) { UpstreamStatus = 404 };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UpstreamException($"{name} can't be read: {error.Message}", error);
        }
    }
}
