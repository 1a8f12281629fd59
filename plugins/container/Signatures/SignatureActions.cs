using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Data;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Resources;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Tasks;
using PulpContainer.Distributions;
using PulpContainer.Images;
using PulpContainer.Names;
using PulpContainer.Repositories;
using PulpContainer.Tokens;

namespace PulpContainer.Signatures;

/// <summary>Signs the images of a repository, and takes signatures away: each is checked at once and done by a task.</summary>
internal static class SignatureActions
{
    private const string Service = "manifest_signing_service";
    private const string BasePath = "future_base_path";

    public static async Task<ActionAnswer> SignAsync<T>(
        ActionRequest<T, RepositorySign> request,
        CancellationToken cancellationToken
    )
        where T : Repository, ISignedRepository
    {
        var service = request.Body.ManifestSigningService ?? request.Resource.ManifestSigningService;
        if (service is null)
        {
            throw new ValidationException(
                Service,
                "This field is required since a signing_service is not set on the repo."
            );
        }

        if (!await SignsManifestsAsync(request.Db, service.Value, cancellationToken))
        {
            throw new ValidationException(Service, "This signing service doesn't sign manifests.");
        }

        var basePath = await BasePathAsync(request, cancellationToken);
        var tags = JsonSerializer.Deserialize<List<string>>(request.Body.TagsList) ?? [];
        await CheckTagsAsync(request, tags, cancellationToken);
        var name = request.Services.GetRequiredService<IRequestDomain>().PathOf(basePath);
        return ActionAnswer.Started(
            await request.Tasks.SendAsync<SignTask, SignArgs>(
                new SignArgs(request.Resource.PulpId, service.Value, $"{HostOf(request)}/{name}", tags),
                Exclusive(request),
                cancellationToken
            )
        );
    }

    public static async Task<ActionAnswer> RemoveAsync(
        ActionRequest<ContainerPushRepository, RemoveSignatures> request,
        CancellationToken cancellationToken
    )
    {
        var key = request.Body.SignedWithKeyId;
        var versions = request.Services.GetRequiredService<IRepositoryVersions>();
        var found = await versions.LatestAsync(request.Resource.PulpId, cancellationToken) is { } latest
            ? await versions
                .ContentAsync<ManifestSignature>(latest, $"d.key_id = {key}", cancellationToken)
                .Select(signature => signature.PulpId)
                .ToListAsync(cancellationToken)
            : [];
        if (found.Count == 0)
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                $"There are no signatures in the latest repository version produced with the specified key_id '{key}'"
            );
        }

        // Only these: whatever they sign stays.
        var task = await request.Tasks.SendAsync<UntagTask, ContentArgs>(
            new ContentArgs(request.Resource.PulpId, found),
            Exclusive(request),
            cancellationToken
        );
        return ActionAnswer.Body(new RemovedSignatures { Task = request.Tasks.Href(task), SignedWithKeyId = key });
    }

    /// <summary>The rule of both kinds of repositories: the service that one names signs manifests.</summary>
    public static async Task CheckAsync<T>(
        T repository,
        ValidationContext<T> context,
        CancellationToken cancellationToken
    )
        where T : Repository, ISignedRepository
    {
        if (
            repository.ManifestSigningService is { } service
            && !await SignsManifestsAsync(context.Db, service, cancellationToken)
        )
        {
            context.Errors.Add(Service, "This signing service doesn't sign manifests.");
        }
    }

    private static async Task<bool> SignsManifestsAsync(IDb db, Guid service, CancellationToken cancellationToken) =>
        await db.FirstOrDefaultAsync<string>(
            $"select signing_class from core_signingservice where pulp_id = {service}",
            cancellationToken
        ) == SigningOrders.ClassName;

    /// <summary>
    /// The host of what is signed: who asks for a signature could write any into his request, and so have images signed as somebody
    /// else's. Only where no setting says what the server is called there is nothing else to go by.
    /// </summary>
    private static string HostOf<T>(ActionRequest<T, RepositorySign> request)
        where T : Repository
    {
        var server = request.Services.GetRequiredService<ServerAddress>();
        var tokens = request.Services.GetRequiredService<TokenSettings>();
        return server.Host.Length > 0 ? server.Host
            : Uri.TryCreate(tokens.TokenServer, UriKind.Absolute, out var tokenServer) ? tokenServer.Authority
            : request.Host;
    }

    /// <summary>Clients that verify look whether it is signed as what they pull.</summary>
    private static async Task<string> BasePathAsync<T>(
        ActionRequest<T, RepositorySign> request,
        CancellationToken cancellationToken
    )
        where T : Repository
    {
        var distributions = await request
            .Services.GetRequiredService<IResources>()
            .FindAsync<ContainerDistribution>($"m.repository_id = {request.Resource.PulpId}", cancellationToken);
        return (distributions, request.Body.FutureBasePath) switch
        {
            ([_], not null) => throw new ValidationException(
                BasePath,
                "This field cannot be set since this repo has a single distribution."
            ),
            ([var one], null) => one.BasePath,
            (_, null) => throw new ValidationException(
                BasePath,
                "This field is required since this repo has zero or multiple distributions."
            ),
            (_, var path) => ImageName.IsName(path)
                ? path
                : throw new ValidationException(BasePath, "This is not the name of an image."),
        };
    }

    private static async Task CheckTagsAsync<T>(
        ActionRequest<T, RepositorySign> request,
        List<string> tags,
        CancellationToken cancellationToken
    )
        where T : Repository
    {
        if (tags.Count == 0)
        {
            return;
        }

        var versions = request.Services.GetRequiredService<IRepositoryVersions>();
        var found = await versions.LatestAsync(request.Resource.PulpId, cancellationToken) is { } latest
            ? await versions
                .ContentAsync<Tag>(latest, $"d.name in {tags}", cancellationToken)
                .Select(tag => tag.Name)
                .ToListAsync(cancellationToken)
            : [];
        if (tags.Except(found, StringComparer.Ordinal).FirstOrDefault() is { } missing)
        {
            throw new ValidationException(
                "tags_list",
                $"The tag '{(missing.Length > 150 ? missing[..150] : missing)}' is not in the latest version of the repository."
            );
        }
    }

    private static DispatchOptions Exclusive<T, TBody>(ActionRequest<T, TBody> request)
        where T : Repository =>
        new DispatchOptions().Exclusive(request.Services.GetRequiredService<IResourceNames>(), request.Resource);
}
