namespace Pulp.Core.Platform.Http;

/// <summary>Takes the bytes of an uploaded file as they arrive.</summary>
internal interface IFileReceiver
{
    Task<ReceivedFile> ReceiveAsync(Stream source, CancellationToken cancellationToken);
}

/// <summary>A file in temporary storage; disposing removes it unless somebody kept it.</summary>
internal abstract class ReceivedFile : IAsyncDisposable
{
    public abstract long Size { get; }

    public abstract ValueTask DisposeAsync();
}
