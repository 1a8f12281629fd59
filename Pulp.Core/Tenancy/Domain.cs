namespace Pulp.Core.Tenancy;

/// <summary>A tenant: names, content and storage of its own.</summary>
internal sealed record Domain : PulpResource
{
    /// <summary>What its hrefs and addresses are called by.</summary>
    public const int LongestName = 50;

    [Field("A name for this domain.", MaxLength = LongestName, Unique = true, Filter = Lookups.Text)]
    public required string Name { get; init; }

    [Field("An optional description.")]
    public string? Description { get; init; }

    [Field("A dictionary of labels.", Json = JsonShape.Labels, NotSortable = true)]
    public string PulpLabels { get; init; } = "{}";

    [Field(
        "Backend storage class for domain.",
        Choices = [StorageClasses.FileSystem, StorageClasses.OldS3, StorageClasses.S3, StorageClasses.Azure]
    )]
    public required string StorageClass { get; init; }

    [Field("Settings for storage class.", Json = JsonShape.Object, NotSortable = true)]
    public required string StorageSettings { get; init; }

    [Field("Boolean to have the content app redirect to object storage.")]
    public bool RedirectToObjectStorage { get; init; } = true;

    [Field("Boolean to hide distributions with a content guard in the content app.")]
    public bool HideGuardedDistributions { get; init; }
}

/// <summary>The wire's names for what stores files.</summary>
internal static class StorageClasses
{
    public const string FileSystem = Platform.Storage.StorageBackends.FileSystem;
    public const string OldS3 = "storages.backends.s3boto3.S3Boto3Storage";
    public const string S3 = "storages.backends.s3.S3Storage";
    public const string Azure = "storages.backends.azure_storage.AzureStorage";
}
