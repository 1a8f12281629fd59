namespace PulpContainer.Tests.Repositories;

/// <summary>The older kind of repository.</summary>
public static class PushRepositories
{
    /// <summary>Nobody makes one any more: those that there are come from before.</summary>
    public static async Task BecomePushRepositoryAsync(this TestServer server, string id)
    {
        await server.ExecuteAsync($"insert into container_containerpushrepository (pulp_id) values ('{id}')");
        await server.ExecuteAsync($"delete from container_containerrepository where pulp_id = '{id}'");
        await server.ExecuteAsync(
            $"update core_repository set pulp_type = 'container.container-push' where pulp_id = '{id}'"
        );
    }
}
