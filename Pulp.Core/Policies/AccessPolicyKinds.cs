using System.Text.Json;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Rights;

namespace Pulp.Core.Policies;

/// <summary>Access policies as a kind of resource: what can't work is refused when it is written.</summary>
internal static class AccessPolicyKinds
{
    /// <summary>Pulp's old name for creation hooks.</summary>
    private const string Alias = "permissions_assignment";

    public static ResourceKind Kind() =>
        new("core", "accesspolicy", typeof(AccessPolicyRecord), "core_accesspolicy", detailTable: null)
        {
            Path = "access_policies/",
            OperationStem = "access_policies",
            Tag = "Access_Policies",
            ModelName = "AccessPolicy",
            IsForAdministrators = true,
            Order = "m.viewset_name",
            Verbs = Verbs.List | Verbs.Read | Verbs.UpdateNow,
            Members = (kind, _) => AddAlias(kind),
            MakeBehavior = services =>
                Behavior(services.GetRequiredService<PolicyRules>(), services.GetRequiredService<AccessMemory>()),
            Operations = (kind, services) => services.GetRequiredService<AccessPolicyApi>().Map(kind),
        };

    private static void AddAlias(ResourceKind kind)
    {
        var hooks = kind.Outputs.First(o => o.Name == "creation_hooks");
        kind.Outputs.Insert(kind.Outputs.IndexOf(hooks), new OutputField(Alias, hooks.Select, hooks.Write, Hooks()));
        kind.ExtraInputs.Add((Alias, Hooks()));
    }

    private static System.Text.Json.Nodes.JsonObject Hooks() => Schemas.Array(Schemas.Object());

    private static KindBehavior Behavior(PolicyRules rules, AccessMemory memory) =>
        new()
        {
            ExtraMembers = [Alias],
            Validate = (input, cancellationToken) =>
            {
                TakeAlias(input);
                return rules.CheckAsync(input, cancellationToken);
            },
            AfterWrite = async (tx, key, _, cancellationToken) =>
            {
                await tx.ExecuteAsync(
                    $"update core_accesspolicy set customized = {true} where pulp_id = {key.Id}",
                    cancellationToken
                );
                await memory.ChangedAsync(tx, cancellationToken);
            },
        };

    /// <summary>Takes creation hooks under their old name.</summary>
    private static void TakeAlias(ChangeInput input)
    {
        var hooks = input.Kind.FieldOf(nameof(AccessPolicyRecord.CreationHooks));
        if (!input.Body.TryGet(Alias, out var given))
        {
            return;
        }

        var (value, error) = JsonField.Read(JsonShape.Any, given);
        if (error is not null)
        {
            input.Errors.Add(Alias, error);
        }
        else if (
            input.Given.Has(hooks)
            && !JsonElement.DeepEquals(Parse(input.Given[hooks]), Parse(given.IsNull ? null : value))
        )
        {
            input.Errors.Add("Cannot specify both 'permissions_assignment' and 'creation_hooks'.");
        }
        else
        {
            input.Given[hooks] = given.IsNull ? null : value;
            input.Merged[hooks] = input.Given[hooks];
        }
    }

    private static JsonElement Parse(object? json)
    {
        using var document = JsonDocument.Parse(json as string ?? "null");
        return document.RootElement.Clone();
    }
}
