namespace PulpPython.Uploads;

/// <summary>How uploads to an index become versions: <c>PYTHON_GROUP_UPLOADS</c> and <c>PYTHON_UPLOAD_WINDOW</c>.</summary>
internal sealed class UploadSettings
{
    /// <summary>Wait five seconds for more files of a release, and answer as a Pulp does with this setting.</summary>
    public bool GroupUploads { get; set; }

    /// <summary>Seconds to wait for more files of a release, where uploads aren't grouped as above.</summary>
    public double UploadWindow { get; set; } = 1;
}
