using Pulp.Core.Platform.Modules;

namespace Pulp.Core.Users;

/// <summary>Accounts, and signing in to them.</summary>
internal sealed class UsersModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        module
            .Services.AddSingleton<PasswordWork>()
            .AddSingleton<GuessLimits>()
            .AddSingleton<KnownCredentials>()
            .AddSingleton<PasswordSignIn>()
            .AddSingleton<AccessTokens>()
            .AddSingleton<Sessions>()
            .AddSingleton<Accounts>();
        module.Channel(Accounts.Channel).Kind(UserKinds.Kind());
    }
}
