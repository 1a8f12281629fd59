using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Plugin;
using PulpPython.Names;

namespace PulpPython.Packages;

/// <summary>Content: packages, their provenances, and which releases are yanked.</summary>
internal static class PackagesModule
{
    public static void AddPackages(this IPluginBuilder plugin)
    {
        plugin
            .Content<PythonPackageContent>("python", "packages")
            .FromFile<PackageUploadInput>(PackageUpload.ReadAsync)
            .Filter<string>("name", name => $"d.name_normalized = {ProjectName.Normalize(name)}")
            .Filter<IReadOnlyList<string>>(
                "name__in",
                names => $"d.name_normalized in {names.Select(ProjectName.Normalize).ToList()}"
            )
            .Filter<string>("version__gt", version => $"d.version_key > {Key("version__gt", version)}")
            .Filter<string>("version__gte", version => $"d.version_key >= {Key("version__gte", version)}")
            .Filter<string>("version__lt", version => $"d.version_key < {Key("version__lt", version)}")
            .Filter<string>("version__lte", version => $"d.version_key <= {Key("version__lte", version)}")
            .Shows<string>(
                "provenance",
                $"""
                select 'prn:python.packageprovenance:' || cast(x.pulp_id as text)
                  from python_packageprovenance x where x.package_id = m.pulp_id order by x.pulp_id desc limit 1
                """,
                "The newest provenance of the package."
            )
            .Permissions("python.upload_python_packages")
            .Access(PythonRights.Packages);
        plugin
            .Content<PackageProvenance>("provenance", "provenance")
            .FromFile<ProvenanceInput>(ProvenanceUpload.ReadAsync)
            .RefersTo<PythonPackageContent>(nameof(PackageProvenance.Package))
            .Access(PythonRights.Provenance);
        plugin.Content<PackageYank>("yank", "yanks").Access(PythonRights.Yanks);
    }

    private static string Key(string filter, string version) =>
        VersionKey.Of(version) is { Length: > 0 } key
            ? key
            : throw new ValidationException(filter, $"'{version}' is no version.");
}
