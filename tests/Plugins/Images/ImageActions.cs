using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Fields;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Tasks;

namespace Pulp.TestPlugins.Images;

/// <summary>Which tags come from where.</summary>
public sealed record CopyTags
{
    /// <summary>Where they are.</summary>
    [Field("The repository to copy from.", References = typeof(ImageRepository))]
    public required Guid SourceRepository { get; init; }

    /// <summary>Their names.</summary>
    [Field("The tags to copy; all where none is named.", Json = JsonShape.ListOfStrings)]
    public string Names { get; init; } = "[]";

    /// <summary>Where they go, too.</summary>
    [Field("Further repositories to copy to.", References = typeof(Repository))]
    public IReadOnlyList<Guid> Also { get; init; } = [];

    /// <summary>At most so many.</summary>
    [Field("Copy no more than this.", Minimum = 1)]
    public long? Limit { get; init; }
}

/// <summary>What a registry says it has.</summary>
public sealed record Catalog
{
    /// <summary>The repository.</summary>
    [Field("The repository.", References = typeof(ImageRepository))]
    public Guid? Repository { get; init; }

    /// <summary>Its name.</summary>
    [Field("The repository's name.")]
    public required string Name { get; init; }

    /// <summary>Where it is served.</summary>
    [Field("Paths that clients pull from.", Json = JsonShape.ListOfStrings)]
    public string Paths { get; init; } = "[]";
}

/// <summary>What can be done with repositories of images beside what can be done with all.</summary>
internal static class ImageActions
{
    public static async Task<ActionAnswer> CopyTagsAsync(
        ActionRequest<ImageRepository, CopyTags> request,
        CancellationToken cancellationToken
    ) =>
        ActionAnswer.Started(
            await request.Tasks.SendAsync<CopyTagsTask, CopyTagsArgs>(
                new CopyTagsArgs
                {
                    To = [request.Resource.PulpId, .. request.Body.Also],
                    From = request.Body.SourceRepository,
                    Caller = request.Caller?.Username,
                },
                new DispatchOptions(),
                cancellationToken
            )
        );

    /// <summary>What everybody signed in may know to be there: nothing of it is theirs to see.</summary>
    public static Task<ActionAnswer> AllAsync(KindActionRequest<NoBody> request, CancellationToken cancellationToken) =>
        Task.FromResult(ActionAnswer.Body(new Catalog { Name = request.Caller?.Username ?? "" }));

    public static async Task<ActionAnswer> CatalogAsync(
        ActionRequest<ImageRepository, NoBody> request,
        CancellationToken cancellationToken
    )
    {
        var paths = await request.Db.QueryAsync<string>(
            $"select base_path from core_distribution where repository_id = {request.Resource.PulpId} order by base_path",
            cancellationToken
        );
        return ActionAnswer.Body(
            new Catalog
            {
                Repository = request.Resource.PulpId,
                Name = request.Resource.Name,
                Paths = System.Text.Json.JsonSerializer.Serialize(paths),
            }
        );
    }
}

/// <summary>Arguments of a copy.</summary>
public sealed record CopyTagsArgs
{
    /// <summary>The repositories they go to.</summary>
    public required IReadOnlyList<Guid> To { get; init; }

    /// <summary>The repository they come from.</summary>
    public required Guid From { get; init; }

    /// <summary>Who wants it.</summary>
    public string? Caller { get; init; }
}

/// <summary>Copies tags.</summary>
[PulpTask("images.app.tasks.copy_tags")]
public sealed class CopyTagsTask : PulpTask<CopyTagsArgs>
{
    /// <inheritdoc />
    public override Task<object?> RunAsync(CopyTagsArgs args, ITaskContext task, CancellationToken cancellationToken) =>
        Task.FromResult<object?>(args);
}
