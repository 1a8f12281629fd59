namespace Pulp.Core.Serving;

/// <summary>
/// Answers for stored files that turn out to be gone or damaged: where a remote has them, they are fetched again, checked, put
/// back and served at once.
/// </summary>
internal sealed partial class LostFiles(Database database, OnDemandResponse relay, ILogger<LostFiles> logger)
{
    /// <summary>False when the file was removed for good since the answer was found: there is another answer now.</summary>
    /// <exception cref="LostFileException">Nobody has it.</exception>
    public async Task<bool> SendAsync(HttpContext context, ServedAnswer.File file)
    {
        // Another domain may have the same bytes.
        var (sha256, stored) = (file.ETag.Trim('"'), file.Name);
        var source = await database.FirstOrDefaultAsync<Guid>(
            $"""
            select f.pulp_id from core_artifact a
              join core_contentartifact f on f.artifact_id = a.pulp_id
             where a.sha256 = {sha256} and a.file = {stored}
               and exists (select 1 from core_remoteartifact ra where ra.content_artifact_id = f.pulp_id)
             order by f.pulp_id limit 1
            """,
            context.RequestAborted
        );
        if (source == Guid.Empty)
        {
            // A clean-up and a reclaim remove the row first, then the file.
            var known = await database.FirstOrDefaultAsync<long>(
                $"select count(*) from core_artifact where sha256 = {sha256} and file = {stored}",
                context.RequestAborted
            );
            if (known == 0)
            {
                return false;
            }

            throw new LostFileException($"The stored file {file.Name} is gone or damaged, and no remote has it.");
        }

        LogFetched(file.Name);
        try
        {
            return await relay.SendAsync(context, new ServedAnswer.OnDemand(source, file.MediaType), isLost: true);
        }
        catch (NoSourceException error) when (error.Status == 404)
        {
            // It is in the repository: to say "not found" would be wrong.
            throw new LostFileException(
                $"The stored file {file.Name} is gone or damaged, and its remotes don't have it any more: {error.Message}"
            );
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The stored file {Path} is gone or damaged; it is fetched again from its remote"
    )]
    private partial void LogFetched(string path);
}

/// <summary>A file that should be here isn't, or isn't what it was.</summary>
internal sealed class LostFileException(string message) : PulpException(message)
{
    public override string Code => "PLP0505";

    public override int Status => 500;
}
