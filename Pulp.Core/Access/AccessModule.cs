using Microsoft.AspNetCore.Authentication;
using Pulp.Core.Access.External;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Users;

namespace Pulp.Core.Access;

/// <summary>Who calls, and who may do what.</summary>
internal sealed class AccessModule : Module
{
    public override void Configure(ModuleBuilder module)
    {
        // Not AddAuthentication: it would make keys for protected cookies, on disk, that nothing here uses.
        module.Services.AddAuthenticationCore().AddWebEncoders();
        new AuthenticationBuilder(module.Services)
            .AddScheme<AuthenticationSchemeOptions, BasicAuthentication>(BasicAuthentication.Name, null)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.Name, null)
            .AddScheme<AuthenticationSchemeOptions, ProxyAuthentication>(ProxyAuthentication.Name, null)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.Name, null);
        // Two lines for each refusal, of which the request's own line tells as much.
        Type[] schemes =
        [
            typeof(BasicAuthentication),
            typeof(BearerAuthentication),
            typeof(ProxyAuthentication),
            typeof(SessionAuthentication),
        ];
        foreach (var scheme in schemes)
        {
            var quiet = new LoggerFilterRule(providerName: null, scheme.FullName, LogLevel.Warning, filter: null);
            module.Services.Configure<LoggerFilterOptions>(options => options.Rules.Add(quiet));
        }

        module
            .Services.AddSingleton(
                new AccessGate.Schemes([
                    BasicAuthentication.Name,
                    BearerAuthentication.Name,
                    ProxyAuthentication.Name,
                    SessionAuthentication.Name,
                ])
            )
            .AddSingleton<ProxyHeaders>()
            .AddSingleton<ExternalAccounts>()
            .AddSingleton<ExternalGroups>()
            .AddSingleton<OidcTokens>()
            .AddSingleton<IPasswordDirectory, LdapDirectory>()
            .AddSingleton<AccessGate>()
            .AddSingleton<ContentCallers>()
            .AddSingleton<OwnAccount>()
            .AddSingleton<AccessCheck>()
            .AddScoped<RequestAccess>()
            .AddScoped<IAccess>(provider => provider.GetRequiredService<RequestAccess>());
        module.Operations<LoginApi>().Operations<TokenApi>();
    }
}
