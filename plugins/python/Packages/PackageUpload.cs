using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;

namespace PulpPython.Packages;

/// <summary>What an upload says beside the package's own fields.</summary>
internal sealed record PackageUploadInput
{
    /// <summary>The file's name; where it isn't given, the one that the client's file has.</summary>
    [Field("The name of the file; without it, the name that the uploaded file has.", WriteOnly = true)]
    public string? RelativePath { get; init; }

    /// <summary>Attestations (PEP 740).</summary>
    [Field("A JSON list of attestations for the package.", Json = JsonShape.Any, WriteOnly = true)]
    public string? Attestations { get; init; }
}

/// <summary>Makes packages of files that come through the API.</summary>
internal static class PackageUpload
{
    /// <exception cref="ValidationException">It is no package, or what was said of it isn't so.</exception>
    public static async ValueTask<DeclaredContent> ReadAsync(
        PythonPackageContent given,
        PackageUploadInput input,
        UploadedFile file,
        CancellationToken cancellationToken
    )
    {
        var name =
            input.RelativePath
            ?? file.Name
            ?? throw new ValidationException("relative_path", "This field is required.");
        await using var stream = file.OpenRead();
        var (sha256, size) = (file.Artifact.Sha256, file.Artifact.Size);
        var package = await PackageFile.ReadAsync(name, stream, sha256, size, cancellationToken);
        var provenance = input.Attestations is { } attestations
            ? Provenances.OfUpload(attestations, package.Content, file.CallerId)
            : null;
        var declared = await package.DeclareAsync(
            path => new DeclaredArtifact(path, file.Artifact),
            metadata => file.StageAsync(metadata, cancellationToken)
        );
        return new DeclaredContent(declared.Content with { PulpLabels = given.PulpLabels }, declared.Artifacts)
        {
            Followers = provenance is null ? null : id => [new DeclaredContent(provenance with { Package = id })],
        };
    }
}

/// <summary>What an upload of a provenance says beside its own fields.</summary>
internal sealed record ProvenanceInput
{
    /// <summary>Whether the attestations are looked at.</summary>
    [Field("Whether each attestation of the provenance is verified.", WriteOnly = true)]
    public bool Verify { get; init; } = true;
}

/// <summary>Makes provenances of files that come through the API.</summary>
internal static class ProvenanceUpload
{
    /// <exception cref="ValidationException">It is no provenance, or not of this package.</exception>
    public static async ValueTask<DeclaredContent> ReadAsync(
        PackageProvenance given,
        ProvenanceInput input,
        UploadedFile file,
        CancellationToken cancellationToken
    )
    {
        var package =
            await file.Db.FirstOrDefaultAsync<PackageName>(
                $"select filename, sha256 from python_pythonpackagecontent where pulp_id = {given.Package}",
                cancellationToken
            ) ?? throw new ValidationException("package", "Invalid hyperlink - Object does not exist.");
        var bytes = await BytesAsync(file, cancellationToken);
        return new DeclaredContent(Provenances.OfFile(bytes, given, package, input.Verify));
    }

    private static async Task<byte[]> BytesAsync(UploadedFile file, CancellationToken cancellationToken)
    {
        if (file.Artifact.Size > Provenances.MaxBytes)
        {
            throw new ValidationException("file", $"A provenance has no more than {Provenances.MaxBytes} bytes.");
        }

        var bytes = new byte[file.Artifact.Size];
        await using var stream = file.OpenRead();
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}

/// <summary>What an attestation is about: a file of this name and digest.</summary>
internal sealed record PackageName
{
    public required string Filename { get; init; }

    public required string Sha256 { get; init; }
}
