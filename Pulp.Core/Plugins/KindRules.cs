using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Plugins;

/// <summary>Runs a kind's own rules.</summary>
internal static class KindRules
{
    /// <summary>Adds what the rules find to what is wrong already, but for fields that are wrong already.</summary>
    public static async Task CheckAsync(
        KindDeclaration declaration,
        PulpResource resource,
        PulpResource? current,
        IDb db,
        ValidationErrors errors,
        CancellationToken cancellationToken
    )
    {
        var found = new ValidationErrors();
        foreach (var rule in declaration.Rules)
        {
            await rule(resource, current, db, found, cancellationToken);
        }

        var before = errors.Messages.Keys.Where(k => k != ValidationErrors.NonField).ToHashSet(StringComparer.Ordinal);
        foreach (var (field, messages) in found.Messages.Where(m => !before.Contains(m.Key)))
        {
            foreach (var message in messages)
            {
                errors.Add(field, message);
            }
        }
    }

    /// <summary>The rules behind those of the family, where resources are created and changed by their fields.</summary>
    public static KindBehavior With(this KindBehavior behavior, KindDeclaration declaration, IServiceProvider services)
    {
        if (declaration.AlsoSaves.Count > 0)
        {
            var familys = behavior.AfterWrite;
            behavior.AfterWrite = async (tx, key, input, cancellationToken) =>
            {
                await familys(tx, key, input, cancellationToken);
                var store = services.GetRequiredService<ResourceStore>();
                var stored = (PulpResource)(
                    await store.FindAsync((SqlSession)tx, input.Kind, input.Reach, key, cancellationToken)
                    ?? throw ResourceChanges.NotFound(input.Kind)
                );
                foreach (var save in declaration.AlsoSaves)
                {
                    await save(stored, tx, cancellationToken);
                }
            };
        }

        if (declaration.Rules.Count > 0)
        {
            var familys = behavior.Validate;
            behavior.Validate = async (input, cancellationToken) =>
            {
                await familys(input, cancellationToken);
                var resource = input.Merged.ToRecord<PulpResource>(input.Kind);
                await CheckAsync(declaration, resource, input.Current, input.Db, input.Errors, cancellationToken);
            };
        }

        return behavior;
    }
}
