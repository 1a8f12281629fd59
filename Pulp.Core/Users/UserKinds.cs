using System.Text.RegularExpressions;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Users;

/// <summary>Accounts as a kind of resource: what the engine doesn't know of them.</summary>
internal static partial class UserKinds
{
    public static ResourceKind Kind() =>
        new("core", "user", typeof(User), "core_user", detailTable: null)
        {
            Path = "users/",
            OperationStem = "users",
            Tag = "Users",
            ModelName = "User",
            PrnApp = "auth",
            KeyColumn = "id",
            IsForAdministrators = true,
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.UpdateNow | Verbs.Delete,
            Members = (kind, context) => AddMembers(kind, context.IsPostgres),
            MakeBehavior = services =>
                Behavior(services.GetRequiredService<Accounts>(), services.GetRequiredService<PasswordWork>()),
            Operations = (_, services) => DescribeGroups(services.GetRequiredService<ApiOperations>()),
        };

    private static void AddMembers(ResourceKind kind, bool postgres)
    {
        var pairs = postgres
            ? "json_agg(json_build_array(g.id, g.name))"
            : "json_group_array(json_array(g.id, g.name))";
        kind.Outputs.Add(
            Outputs.Holders(
                "groups",
                $"(select {pairs} from core_groupuser gu join core_group g on g.id = gu.group_id where gu.user_id = m.id)",
                ("name", "groups/", "auth.group"),
                withId: false,
                Schemas.Ref("UserGroupResponse")
            )
        );
        kind.Outputs.Add(Outputs.HiddenFields([("password", $"m.password <> '{PasswordHash.Unusable}'")]));
    }

    private static void DescribeGroups(ApiOperations operations) =>
        operations.Schema(
            "UserGroupResponse",
            Schemas.Of(
                [("name", Schemas.Text()), ("pulp_href", Schemas.ReadOnlyUri()), ("prn", Schemas.ReadOnlyText())],
                "name"
            )
        );

    private static KindBehavior Behavior(Accounts accounts, PasswordWork passwords) =>
        new()
        {
            Validate = (input, _) =>
            {
                Check(input);
                return Task.CompletedTask;
            },
            // Hashing takes long: it must not hold up the database's writers.
            BeforeWrite = async (input, cancellationToken) =>
            {
                var password = input.Kind.FieldOf(nameof(User.Password));
                if (input.Given.Has(password))
                {
                    input.Given[password] = input.Given[password] is string plain
                        ? await passwords.HashAsync(plain, cancellationToken)
                        : PasswordHash.Unusable;
                }
            },
            AfterWrite = async (tx, key, input, cancellationToken) =>
            {
                var shutOut =
                    input.Given.Has(input.Kind.FieldOf(nameof(User.Password)))
                    || input.Given[input.Kind.FieldOf(nameof(User.IsActive))] is false;
                if (input.Key is not null && shutOut)
                {
                    await Accounts.EndSessionsAsync(tx, key.Number, cancellationToken);
                }

                await accounts.ChangedAsync(tx, cancellationToken);
            },
            BeforeDelete = async (tx, key, reach, cancellationToken) =>
            {
                if (reach.UserId == key.Number)
                {
                    throw new ConflictException("An account can't delete itself.");
                }

                await Accounts.EndSessionsAsync(tx, key.Number, cancellationToken);
                await AccessTokens.RevokeAllAsync(tx, key.Number, cancellationToken);
                await tx.ExecuteAsync($"delete from core_groupuser where user_id = {key.Number}", cancellationToken);
                await tx.ExecuteAsync($"delete from core_userrole where user_id = {key.Number}", cancellationToken);
                await tx.ExecuteAsync($"delete from core_heldrole where user_id = {key.Number}", cancellationToken);
                await accounts.ChangedAsync(tx, cancellationToken);
            },
        };

    private static void Check(ChangeInput input)
    {
        if (input.Given[input.Kind.FieldOf(nameof(User.Username))] is string name && !UsernameShape().IsMatch(name))
        {
            input.Errors.Add(
                "username",
                "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
            );
        }

        if (
            input.Given[input.Kind.FieldOf(nameof(User.Email))] is string { Length: > 0 } email
            && !EmailShape().IsMatch(email)
        )
        {
            input.Errors.Add("email", "Enter a valid email address.");
        }

        if (input.Errors.IsEmpty && input.Given[input.Kind.FieldOf(nameof(User.Password))] is string password)
        {
            var faults = PasswordRules.Faults(
                password,
                [
                    ("username", input.Value<string>(nameof(User.Username))),
                    ("first name", input.Value<string>(nameof(User.FirstName))),
                    ("last name", input.Value<string>(nameof(User.LastName))),
                    ("email address", input.Value<string>(nameof(User.Email))),
                ]
            );
            foreach (var fault in faults)
            {
                input.Errors.Add(fault);
            }
        }
    }

    [GeneratedRegex(@"^[\w.@+-]+$")]
    private static partial Regex UsernameShape();

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    private static partial Regex EmailShape();
}
