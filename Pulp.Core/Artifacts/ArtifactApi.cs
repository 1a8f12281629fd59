using Pulp.Core.Access;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;

namespace Pulp.Core.Artifacts;

/// <summary>Artifacts as a kind of resource, and their upload in one request.</summary>
internal sealed class ArtifactApi(
    ApiOperations operations,
    ArtifactStore artifacts,
    ResourceReader reader,
    Database database,
    FileStorage storage,
    ArtifactFiles stored,
    PulpSettings settings
)
{
    public static ResourceKind Kind() =>
        new("core", "artifact", typeof(Artifact), "core_artifact", detailTable: null)
        {
            Path = "artifacts/",
            OperationStem = "artifacts",
            Tag = "Artifacts",
            DomainColumn = "m.pulp_domain_id",
            // Files are deduplicated: who deleted one would delete everybody's.
            Policy = new AccessPolicy
            {
                IsScoped = false,
                Statements =
                [
                    new AccessStatement { Actions = ["create", "list", "retrieve"], Principals = ["admin"] },
                    new AccessStatement
                    {
                        Actions = ["destroy"],
                        Principals = ["*"],
                        Denies = true,
                    },
                ],
            },
            Verbs = Verbs.List | Verbs.Read,
            Members = (kind, _) => AddFilters(kind),
            Operations = (kind, services) => services.GetRequiredService<ArtifactApi>().Map(kind),
        };

    private static void AddFilters(ResourceKind kind)
    {
        kind.Add(
            Filters.ByReference(
                "repository_version",
                typeof(RepositoryVersionRef),
                id =>
                    $"""
                        m.pulp_id in (select f.artifact_id from core_repositoryversion v
                                        join core_repositorycontent rc on rc.repository_id = v.repository_id
                                        join core_contentartifact f on f.content_id = rc.content_id
                                       where v.pulp_id = {id} and f.artifact_id is not null and +rc.version_added <= v.number
                                         and (rc.version_removed is null or rc.version_removed > v.number))
                        """
            )
        );
        kind.Add(
            Filters.OrphanedFor(
                $"""
                not exists (select 1 from core_contentartifact f where f.artifact_id = m.pulp_id)
                and not exists (select 1 from core_publishedmetadata p where p.artifact_id = m.pulp_id)
                """
            )
        );
    }

    private void Map(ResourceKind kind)
    {
        var digests = Digests.Names.Select(d =>
            (d, Schemas.NonEmptyText($"The expected {d} checksum of the file.").OrNull())
        );
        operations.Schema(
            "Artifact",
            Schemas.Of(
                [
                    ("file", new System.Text.Json.Nodes.JsonObject { ["type"] = "string", ["format"] = "binary" }),
                    ("size", Schemas.Integer("The size of the file in bytes.")),
                    .. digests,
                ],
                "file"
            )
        );
        operations.Add(
            kind.OnKind("POST", "create", kind.Rule("create"), "Create an artifact", r => CreateAsync(r, kind)) with
            {
                Body = "Artifact",
                Forms = BodyForms.FormsOnly,
                MaxRequestBytes = null,
                Responses = ResourceApi.Ok(201, "ArtifactResponse"),
            }
        );
        operations.Add(
            kind.OnOne("DELETE", "delete", kind.Rule("destroy"), "Delete an artifact", r => DeleteAsync(r, kind)) with
            {
                Responses = ResourceApi.Nothing,
            }
        );
    }

    private async Task CreateAsync(AdmittedRequest request, ResourceKind kind)
    {
        await using var body = await RequestBody.ReadAsync(request, storage, request.RequestAborted);
        var errors = new ValidationErrors();
        RequestFields.RefuseUnknown(body, ["file", "size", .. Digests.Names], errors);
        var expected = UploadRules.ReadExpectation(body, settings, errors);
        if (body.File("file") is not TemporaryFile file)
        {
            errors.Add(
                "file",
                body.TryGet("file", out _) ? "The submitted data was not a file." : "No file was submitted."
            );
            errors.ThrowIfAny();
            return;
        }

        errors.ThrowIfAny();
        UploadRules.Verify(file, expected);
        var domain = request.Reach.Domain;
        if ((await artifacts.FindAndTouchAsync(domain, [file.Digests.Sha256], request.RequestAborted)).Count > 0)
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                $"Artifact with sha256 checksum of '{file.Digests.Sha256}' already exists."
            );
        }

        var saved = await artifacts.SaveAsync(domain, file, request.RequestAborted);
        var json =
            await reader.FindAsync(kind, request.Reach, saved.PulpId, CancellationToken.None)
            ?? throw ResourceChanges.NotFound(kind);
        await request.Response.CreatedAsync(kind.Href(request.Reach.Scope, saved.PulpId), json);
    }

    private async Task DeleteAsync(AdmittedRequest request, ResourceKind kind)
    {
        var id = request.Id;
        await using var alone = await storage.LockForRemovingAsync(request.RequestAborted);
        try
        {
            var files = await database.ReturningAsync<string>(
                $"delete from core_artifact where pulp_id = {id} and pulp_domain_id = {request.Reach.Domain} returning file",
                request.RequestAborted
            );
            if (files.Count == 0)
            {
                throw ResourceChanges.NotFound(kind);
            }

            // The row is gone, so the file goes too; but only when no power failure brings the row back.
            await database.MakeDurableAsync(CancellationToken.None);
            await stored.DeleteAsync(files[0], CancellationToken.None);
            request.Response.StatusCode = 204;
        }
        catch (Exception error) when (database.Dialect.IsForeignKeyViolation(error))
        {
            throw new ConflictException("The Artifact cannot be deleted because it is associated with Content.");
        }
    }
}
