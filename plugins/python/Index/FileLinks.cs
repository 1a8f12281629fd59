using Pulp.PluginSdk.Serving;

namespace PulpPython.Index;

/// <summary>Where an index's files and provenances are.</summary>
/// <param name="files">Address of the directory of the files, with its slash.</param>
/// <param name="index">Address of the index, with its slash.</param>
internal sealed class FileLinks(string files, string index)
{
    public static FileLinks Of(ServerAddress server, PypiSettings settings, string path) =>
        new($"{server.Origin}{server.ContentPath}{Escape(path)}/", settings.AddressOf(server.Origin, Escape(path)));

    public string File(string filename) => files + Uri.EscapeDataString(filename);

    public string Provenance(string project, ReleaseFile file) =>
        $"{index}integrity/{project}/{Uri.EscapeDataString(file.Version)}/{Uri.EscapeDataString(file.Filename)}/provenance/";

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
