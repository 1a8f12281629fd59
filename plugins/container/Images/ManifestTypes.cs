namespace PulpContainer.Images;

/// <summary>What manifests describe, in the contract's words.</summary>
internal static class ManifestTypes
{
    public const string Image = "image";
    public const string Index = "index";
    public const string Artifact = "artifact";
    public const string Bootable = "bootable";
    public const string Flatpak = "flatpak";
    public const string Helm = "helm";
}
