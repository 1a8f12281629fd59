using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Tasks;
using Pulp.PluginSdk.Tasks;

namespace Pulp.Core.Tenancy;

/// <summary>What a request says of the new storage.</summary>
internal sealed record DomainBackendMigrator
{
    [Field(
        "The new backend storage class to migrate to.",
        Choices = [StorageClasses.FileSystem, StorageClasses.OldS3, StorageClasses.S3, StorageClasses.Azure]
    )]
    public required string StorageClass { get; init; }

    [Field("The settings for the new storage class to migrate to.", Json = JsonShape.Object)]
    public required string StorageSettings { get; init; }
}

/// <summary>Asks for a domain's files to be moved: of the domain whose address is used.</summary>
internal sealed class MigrationApi(ApiOperations operations, FieldBinder binder, TaskDispatcher dispatcher)
{
    private readonly ResourceKind _body = ResourceKind.OfBody("core", typeof(DomainBackendMigrator));

    public void Map(ResourceKind kind)
    {
        operations.Schema(_body.SchemaName, ResourceSchemas.Request(_body, partial: false));
        operations.Add(
            new Operation
            {
                Id = "domains_migrate",
                Method = "POST",
                Route = $"{ResourceKind.ApiRoot}{kind.Path}migrate/",
                Tag = kind.Tag,
                Summary = "Migrate storage backend",
                Access = new AccessRule.Policy(
                    kind.PolicyName,
                    "migrate",
                    Target.Kind,
                    kind,
                    kind.Permission("change")
                ),
                Body = _body.SchemaName,
                Responses = ResourceApi.SendsTask,
                Handler = request => MigrateAsync(request, kind),
            }
        );
    }

    private async Task MigrateAsync(AdmittedRequest request, ResourceKind kind)
    {
        DomainRules.RefuseDefault(request.Reach.Domain, "migrated");
        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        var given = await binder.BindAsync(
            _body,
            body,
            BindMode.Create,
            extra: [],
            request.Reach,
            errors,
            request.RequestAborted
        );
        var storageClass = given[_body.FieldOf(nameof(DomainBackendMigrator.StorageClass))] as string;
        var settings = DomainRules.ReadStorage(
            storageClass,
            given[_body.FieldOf(nameof(DomainBackendMigrator.StorageSettings))] as string,
            stored: null,
            errors
        );
        errors.ThrowIfAny();
        var task = await dispatcher.SendAsync<DomainMigration, DomainMigrationArgs>(
            new DomainMigrationArgs(storageClass ?? "", settings ?? ""),
            new DispatchOptions().Exclusive(kind.Prn(request.Reach.Domain)),
            request.Origin,
            request.RequestAborted
        );
        await request.Response.TaskAsync(task);
    }
}
