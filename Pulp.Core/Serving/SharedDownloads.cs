using System.Collections.Concurrent;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Serving;

/// <summary>What is fetched: for requests with the same key there is one download.</summary>
/// <param name="Source">The file that a sync left upstream, or the remote.</param>
/// <param name="Url">The address at a remote.</param>
/// <param name="AddTo">The repository that gets it.</param>
/// <param name="Sha256">What it has to be: who expects something else isn't told that the file is wrong.</param>
/// <param name="IsLost">The file that is stored here is gone or damaged: it is fetched although it is known.</param>
internal readonly record struct DownloadKey(
    Guid Source,
    string Url,
    Guid? AddTo = null,
    string? Sha256 = null,
    bool IsLost = false
);

/// <summary>The downloads that clients wait for. They go on when their clients leave: the next one finds the file.</summary>
internal sealed partial class SharedDownloads(FileStorage storage, ILogger<SharedDownloads> logger)
{
    private readonly ConcurrentDictionary<DownloadKey, Lazy<SharedDownload>> _downloads = [];

    /// <summary>The download, joined: the caller leaves it when it has read.</summary>
    /// <param name="key">What is fetched.</param>
    /// <param name="fetch">Fetches and completes it, where nobody does already.</param>
    public SharedDownload Join(DownloadKey key, Func<SharedDownload, Task> fetch)
    {
        while (true)
        {
            var starting = _downloads.GetOrAdd(key, k => new Lazy<SharedDownload>(() => Start(k, fetch)));
            try
            {
                if (starting.Value.TryJoin())
                {
                    return starting.Value;
                }
            }
            catch
            {
                // It would be thrown again for ever: the next request starts anew.
                _downloads.TryRemove(KeyValuePair.Create(key, starting));
                throw;
            }
        }
    }

    private SharedDownload Start(DownloadKey key, Func<SharedDownload, Task> fetch)
    {
        var download = new SharedDownload(storage);
        download.Run = Task.Run(async () =>
        {
            try
            {
                await fetch(download);
            }
            catch (Exception error)
            {
                // Each client that waits gets it, and answers by what it is.
                LogFailed(key.Source, error.Message);
                download.Fail(error);
            }
            finally
            {
                _downloads.TryRemove(key, out _);
                await download.File.DisposeAsync();
            }
        });
        return download;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A file of {Source} could not be fetched for a client: {Reason}"
    )]
    private partial void LogFailed(Guid source, string reason);
}
