using System.Text.Json;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Tenancy;

/// <summary>Domains as a kind of resource.</summary>
internal static class DomainKinds
{
    public static ResourceKind Kind() =>
        new("core", "domain", typeof(Domain), "core_domain", detailTable: null)
        {
            Path = "domains/",
            OperationStem = "domains",
            Tag = "Domains",
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.Update | Verbs.DeleteTask | Verbs.Labels,
            Members = (kind, context) => ShowStorage(kind, context.Settings.MediaRoot),
            Operations = (kind, services) => services.GetRequiredService<MigrationApi>().Map(kind),
            MakeBehavior = services => Behavior(services.GetRequiredService<DomainDirectory>()),
        };

    /// <summary>The default domain's storage is what the settings say; of no class so far is anything hidden.</summary>
    private static void ShowStorage(ResourceKind kind, string mediaRoot)
    {
        var at = kind.Outputs.FindIndex(o => o.Name == "storage_settings");
        kind.Outputs[at] = new OutputField(
            "storage_settings",
            ["m.pulp_id", "m.storage_settings"],
            (json, row, at) =>
            {
                var settings = FileSystemSettings.Read(
                    [],
                    row.Id(at) == Domains.Default
                        ? new() { [FileSystemSettings.Location] = mediaRoot }
                        : (System.Text.Json.Nodes.JsonObject?)System.Text.Json.Nodes.JsonNode.Parse(row.Text(at + 1))
                );
                settings["hidden_fields"] = new System.Text.Json.Nodes.JsonArray();
                settings.WriteTo(json);
            },
            Schemas.Object("Settings for storage class.")
        );
    }

    private static KindBehavior Behavior(DomainDirectory domains) =>
        new()
        {
            // Distributions are found by the names of their domains.
            AffectsServing = true,
            Validate = (input, _) =>
            {
                DomainRules.Check(input);
                return Task.CompletedTask;
            },
            AfterWrite = (tx, _, _, cancellationToken) => domains.ChangedAsync(tx, cancellationToken),
            DeleteInTask = (services, id, task, cancellationToken) =>
                services.GetRequiredService<DomainDeletion>().RunAsync(id, task, cancellationToken),
            CheckDelete = (key, _) =>
            {
                DomainRules.RefuseDefault(key.Id, "deleted");
                return Task.CompletedTask;
            },
        };
}
