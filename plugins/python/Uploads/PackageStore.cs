using Pulp.PluginSdk.Contents;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Sync;
using PulpPython.Packages;

namespace PulpPython.Uploads;

/// <summary>A package that is stored, and its provenance.</summary>
internal sealed record StoredPackage(PythonPackageContent Package, Guid PackageId, Guid? ProvenanceId);

/// <summary>Stores packages that were uploaded to an index, before a version holds them.</summary>
internal sealed class PackageStore(IContents contents, IArtifacts artifacts)
{
    /// <exception cref="BadRequestException">The same file is there under another name.</exception>
    public async Task<StoredPackage> SaveAsync(
        PackageFile package,
        StagedFile file,
        PackageProvenance? provenance,
        CancellationToken cancellationToken
    )
    {
        StagedFile? metadata = null;
        try
        {
            var declared = await package.DeclareAsync(
                path => new DeclaredArtifact(path, file),
                async body => metadata = await artifacts.StageAsync(body, FileExpectation.None, cancellationToken)
            );
            var id = (await contents.SaveAsync([declared], from: null, cancellationToken))[0];
            await RefuseOtherNameAsync(package.Content, cancellationToken);
            if (provenance is null)
            {
                return new StoredPackage(package.Content, id, ProvenanceId: null);
            }

            var vouching = await contents.SaveAsync(
                [new DeclaredContent(provenance with { Package = id })],
                from: null,
                cancellationToken
            );
            return new StoredPackage(package.Content, id, vouching[0]);
        }
        finally
        {
            if (metadata is not null)
            {
                await metadata.DisposeAsync();
            }
        }
    }

    private async Task RefuseOtherNameAsync(PythonPackageContent package, CancellationToken cancellationToken)
    {
        await foreach (
            var stored in contents.FindAsync<PythonPackageContent>($"d.sha256 = {package.Sha256}", cancellationToken)
        )
        {
            if (stored.Filename != package.Filename)
            {
                throw new BadRequestException($"This file is known as {stored.Filename}");
            }
        }
    }
}
