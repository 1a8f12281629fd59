using System.Text.Json.Nodes;
using Pulp.Core.Platform.Http;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>Changes that users make to their own accounts: name, names, address and password.</summary>
internal sealed class OwnAccount(ResourceRegistry registry, ResourceChanges changes, PasswordSignIn signIn)
{
    private static readonly string[] Fields = ["username", "first_name", "last_name", "email"];

    public async Task ChangeAsync(AdmittedRequest request, Caller caller)
    {
        if (caller.TokenId is not null)
        {
            throw new ForbiddenException("A token can't change the account that it stands for.");
        }

        await using var body = await RequestBody.ReadAsync(request, files: null, request.RequestAborted);
        var errors = new ValidationErrors();
        var wanted = new JsonObject();
        foreach (var name in body.Names)
        {
            if (name is "old_password" or "new_password")
            {
                continue;
            }

            if (!Fields.Contains(name) || !body.TryGet(name, out var value))
            {
                errors.Add(FilterInput.Shorten(name), "Unexpected field");
                continue;
            }

            wanted[name] = JsonNode.Parse(value.Element.GetRawText());
        }

        errors.ThrowIfAny();
        if (await NewPasswordAsync(request, caller, body) is { } password)
        {
            wanted["password"] = password;
        }

        await using var change = RequestBody.From(new StoredBody(wanted.ToJsonString(), IsForm: false));
        var kind = registry.For<User>();
        // One's own account is there for everybody, also for who sees no users.
        var reach = request.Reach.Within(sight: null);
        await changes.UpdateAsync(kind, reach, caller.Id, change, BindMode.Patch, request.RequestAborted);
    }

    /// <summary>The new password, where one is given together with the right old one.</summary>
    private async Task<string?> NewPasswordAsync(AdmittedRequest request, Caller caller, RequestBody body)
    {
        if (!body.TryGet("new_password", out var given))
        {
            return null;
        }

        var wanted = given.AsText() ?? throw new ValidationException("new_password", "Not a valid string.");
        if (!body.TryGet("old_password", out var old))
        {
            throw new ValidationException(
                ValidationErrors.NonField,
                "Old password is required to update the password."
            );
        }

        var address = GuessLimits.AddressOf(request.Http.Connection.RemoteIpAddress);
        var outcome = await signIn.TryAsync(caller.Username, old.AsText() ?? "", address, request.RequestAborted);
        if (outcome is SignInOutcome.Later later)
        {
            throw new ThrottledException(later.Wait);
        }

        if (outcome is not SignInOutcome.Accepted { Caller: { TokenId: null } same } || same.Id != caller.Id)
        {
            throw new ValidationException(ValidationErrors.NonField, "Old password is incorrect.");
        }

        return wanted != old.AsText()
            ? wanted
            : throw new ValidationException(
                ValidationErrors.NonField,
                "New password cannot be the same as the old password."
            );
    }
}
