using Pulp.PluginSdk.Signing;

namespace Pulp.Core.Signing;

/// <summary>Adds and removes signing services, for who runs the server.</summary>
internal sealed class SigningServices(Database database, SigningClasses classes, TimeProvider clock)
{
    /// <summary>Adds a service, whose script is tried first.</summary>
    /// <exception cref="ProgramException">It doesn't do what is asked of its class.</exception>
    /// <exception cref="ConflictException">There is one of that name.</exception>
    public async Task AddAsync(NewSigningService wanted, CancellationToken cancellationToken)
    {
        var signing =
            classes.Find(wanted.SigningClass)
            ?? throw new BadRequestException(
                $"There is no class '{wanted.SigningClass}' of signing services; there are {string.Join(", ", classes.Names)}."
            );
        var script = Path.GetFullPath(wanted.Script);
        if (!File.Exists(script))
        {
            throw new BadRequestException($"There is no script '{script}'.");
        }

        var service = new SigningService
        {
            PulpId = Ids.New(clock.GetUtcNow()),
            Name = wanted.Name,
            PublicKey = wanted.Key.Armored,
            PubkeyFingerprint = wanted.Key.Fingerprint,
            Script = script,
            SigningClass = wanted.SigningClass,
        };
        await TryAsync(service, signing, wanted.Key, cancellationToken);
        await StoreAsync(service, cancellationToken);
    }

    /// <returns>False where there is none of that name and class.</returns>
    public async Task<bool> RemoveAsync(string name, string? signingClass, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            $"""
            delete from core_signingservice
             where name = {name} and ({signingClass ?? ""} = '' or signing_class = {signingClass ?? ""})
            """,
            cancellationToken
        ) > 0;

    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<string>($"select name from core_signingservice order by name", cancellationToken);

    private static async Task TryAsync(
        SigningService service,
        SigningClass signing,
        PublicKey key,
        CancellationToken cancellationToken
    )
    {
        var directory = Directory.CreateTempSubdirectory("pulp-signing-").FullName;
        try
        {
            var signature = await SigningScript.SignAsync(service, signing.Sample, directory, "", cancellationToken);
            await key.VerifyAsync(
                signature,
                signing.IsDetached ? signing.Sample.Content : default(ReadOnlyMemory<byte>?),
                directory,
                cancellationToken
            );
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task StoreAsync(SigningService service, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var stored = await database.ExecuteAsync(
            $"""
            insert into core_signingservice
              (pulp_id, pulp_created, pulp_last_updated, name, public_key, pubkey_fingerprint, script, signing_class)
            values ({service.PulpId}, {now}, {now}, {service.Name}, {service.PublicKey}, {service.PubkeyFingerprint},
                    {service.Script}, {service.SigningClass})
            on conflict (name) do nothing
            """,
            cancellationToken
        );
        if (stored == 0)
        {
            throw new ConflictException($"There is a signing service '{service.Name}' already.");
        }
    }
}

/// <summary>A signing service to add.</summary>
internal sealed record NewSigningService
{
    public required string Name { get; init; }

    public required string Script { get; init; }

    public required PublicKey Key { get; init; }

    public required string SigningClass { get; init; }
}
