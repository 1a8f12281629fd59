using Pulp.Core.Artifacts;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Uploads;

/// <summary>All that came of an upload, as a file to be stored. Only what was stored is removed from the uploads.</summary>
/// <param name="upload">The upload.</param>
/// <param name="file">Its file.</param>
/// <param name="alone">Keeps others from adding to it.</param>
internal sealed class StagedUploadFile(Guid upload, TemporaryFile file, IDisposable alone) : StagedTemporaryFile(file)
{
    private bool _isEnded;

    public Guid Upload => upload;

    public override bool GoesBack => true;

    /// <summary>What stores it is committed.</summary>
    public void End() => _isEnded = true;

    public override async ValueTask DisposeAsync()
    {
        if (_isEnded)
        {
            await base.DisposeAsync();
        }

        alone.Dispose();
    }
}
