using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Tasks;
using PulpPython.Distributions;
using PulpPython.Index;
using PulpPython.Packages;
using PulpPython.Repositories;

namespace PulpPython.Uploads;

/// <summary>Takes a package for an index's repository: who may, whether it is one, and whether it is new there.</summary>
internal sealed class UploadRoute(
    IAccess access,
    IResources resources,
    IArtifacts artifacts,
    IRepositoryVersions versions,
    PackageStore store,
    UploadGroups groups,
    ITaskDispatcher tasks,
    UploadSettings settings,
    IDb db
)
{
    public async Task TakeAsync(HttpContext context, ServedPath<PythonDistribution> index)
    {
        try
        {
            if (!await IndexRights.MayUploadAsync(context, index.Distribution, index.Rest.TrimEnd('/')))
            {
                return;
            }

            var repository = await RepositoryAsync(index.Distribution, context.RequestAborted);
            var task = await TakeAsync(context.Request, repository, access.Current, context.RequestAborted);
            await AnswerAsync(context, tasks.Href(task));
        }
        catch (PulpException error) when (error.Status < 500)
        {
            // Uploaders show the reason phrase, and know by it what they may skip.
            SayReason(context, error);
            throw;
        }
    }

    private async Task<PythonRepository> RepositoryAsync(
        PythonDistribution distribution,
        CancellationToken cancellationToken
    )
    {
        var repository = distribution.Repository is { } id
            ? await resources.FindAsync<PythonRepository>(id, cancellationToken)
            : null;
        if (!distribution.AllowUploads)
        {
            throw new ForbiddenException("Index is not allowing uploads");
        }

        return repository ?? throw new BadRequestException("Index is not pointing to a repository");
    }

    private async Task<Guid> TakeAsync(
        HttpRequest request,
        PythonRepository repository,
        Caller? caller,
        CancellationToken cancellationToken
    )
    {
        await using var form = await UploadForm.ReadAsync(request, artifacts, cancellationToken);
        var file = form.Check();
        await RefuseTakenAsync(repository, form.Filename, cancellationToken);
        var package = await ReadAsync(form.Filename, file, cancellationToken);
        await RefuseBlockedAsync(repository, package.Content, cancellationToken);
        var provenance = form.Attestations is { } attestations
            ? Provenances.OfUpload(attestations, package.Content, caller?.Id)
            : null;
        var saved = await store.SaveAsync(package, file, provenance, cancellationToken);
        return await groups.JoinAsync(repository, saved, cancellationToken);
    }

    private static async Task<PackageFile> ReadAsync(
        string filename,
        StagedFile file,
        CancellationToken cancellationToken
    )
    {
        await using var stream = file.OpenRead();
        try
        {
            return await PackageFile.ReadAsync(filename, stream, file.Sha256, file.Size, cancellationToken);
        }
        catch (ValidationException error)
        {
            // The form's own name for it.
            throw new ValidationException("content", string.Join(' ', error.Messages.SelectMany(m => m.Value)));
        }
    }

    private async Task RefuseTakenAsync(
        PythonRepository repository,
        string filename,
        CancellationToken cancellationToken
    )
    {
        if (
            await versions.LatestAsync(repository.PulpId, cancellationToken) is { } latest
            && await db.FirstOrDefaultAsync<long>(
                $"""
                select 1 from python_pythonpackagecontent d
                 cross join core_repositorycontent rc
                 where rc.content_id = d.pulp_id and d.filename = {filename} and {ReleaseFile.Holds(
                    latest,
                    "rc"
                )} limit 1
                """,
                cancellationToken
            ) == 1
        )
        {
            throw UploadGroups.Taken(filename);
        }
    }

    private async Task RefuseBlockedAsync(
        PythonRepository repository,
        PythonPackageContent package,
        CancellationToken cancellationToken
    )
    {
        var blocklist = await Blocklist.OfAsync(db, repository.PulpId, cancellationToken);
        if (blocklist.Has(package.NameNormalized, package.VersionKey, package.Filename))
        {
            throw new BadRequestException($"Package {package.Filename} is on the block list of the index");
        }
    }

    private Task AnswerAsync(HttpContext context, string task)
    {
        // As Pulp answers with each of its settings.
        return settings.GroupUploads
            ? context.Response.WriteAsJsonAsync(
                new
                {
                    session = (string?)null,
                    task,
                    task_start_time = (string?)null,
                },
                context.RequestAborted
            )
            : Results.Json(new { task }, statusCode: StatusCodes.Status202Accepted).ExecuteAsync(context);
    }

    private static void SayReason(HttpContext context, PulpException error)
    {
        var message = error is ValidationException fields ? fields.Messages.First().Value[0] : error.Message;
        var reason = new string([.. message.Where(c => c is >= ' ' and <= '~').Take(200)]);
        context.Response.OnStarting(() =>
        {
            if (context.Features.Get<IHttpResponseFeature>() is { } response)
            {
                response.ReasonPhrase = reason;
            }

            return Task.CompletedTask;
        });
    }
}
