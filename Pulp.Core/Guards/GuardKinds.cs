using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Plugin;

namespace Pulp.Core.Guards;

/// <summary>The kinds of content guards: the server's own are declared as a plugin's are.</summary>
internal static class GuardKinds
{
    /// <summary>The app label of the guards that ask for certificates.</summary>
    public const string CertificateApp = "certguard";

    public static ResourceFamily<GuardDeclaration> Family { get; } =
        new("contentguards", typeof(ContentGuard))
        {
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.UpdateNow | Verbs.Delete | Verbs.Roles,
            Members = AddMembers,
            Behavior = (declaration, services) =>
                GuardRules.Behavior(declaration.Record, services.GetRequiredService<References>()),
        };

    /// <summary>The server's own kinds; their checks are added to the services.</summary>
    public static IReadOnlyList<GuardDeclaration> Own(IServiceCollection services)
    {
        var declared = new List<GuardDeclaration>();
        ContentGuardKind<T> Add<T>(string app, string type)
            where T : ContentGuard
        {
            var declaration = new GuardDeclaration(app, typeof(T), type) { GivenPolicy = GuardRights.Policy<T>() };
            if (app == CertificateApp)
            {
                declaration.Without = Operations.Roles;
                declaration.IsForAdministrators = true;
            }

            declared.Add(declaration);
            return new ContentGuardKind<T>(declaration, services);
        }

        Add<RBACContentGuard>("core", "rbac").AskedBy<RbacCheck>();
        Add<HeaderContentGuard>("core", "header").AskedBy<HeaderCheck>();
        Add<CompositeContentGuard>("core", "composite");
        Add<ContentRedirectContentGuard>("core", "content_redirect")
            .AskedBy<RedirectCheck>()
            .Action<SignLink>(
                "sign",
                "core.change_contentredirectcontentguard",
                LinkSigning.RunAsync,
                new ActionOptions { Answers = ActionAnswers.Body<SignedLink>(), Summary = "Sign a link" }
            );
        Add<X509CertGuard>(CertificateApp, "x509").AskedBy<X509Check>();
        Add<RHSMCertGuard>(CertificateApp, "rhsm").AskedBy<RhsmCheck>();
        return declared;
    }

    private static void AddMembers(ResourceKind kind, GuardDeclaration? declaration, KindContext context)
    {
        if (declaration?.Record == typeof(CompositeContentGuard))
        {
            GuardParts.AddMember(kind, context);
        }
        else if (declaration?.Record == typeof(RBACContentGuard))
        {
            AddDownloaders(kind, "user", "username", "auth.user", context.IsPostgres);
            AddDownloaders(kind, "group", "name", "core.group", context.IsPostgres);
        }
    }

    /// <summary>Those who hold the permission to download, on the guard or anywhere.</summary>
    private static void AddDownloaders(ResourceKind kind, string holder, string name, string model, bool postgres)
    {
        var gives = postgres
            ? $"jsonb_exists(r.permissions, '{RbacCheck.Permission}')"
            : $"exists (select 1 from json_each(r.permissions) p where p.value = '{RbacCheck.Permission}')";
        var pairs = postgres
            ? $"json_agg(json_build_array(h.id, h.{name}))"
            : $"json_group_array(json_array(h.id, h.{name}))";
        kind.Outputs.Add(
            Outputs.Holders(
                $"{holder}s",
                $"""
                (select {pairs} from core_{holder} h
                  where exists (select 1 from core_{holder}role a join core_role r on r.pulp_id = a.role_id
                                 where a.{holder}_id = h.id and {gives}
                                   and (a.object_id = m.pulp_id
                                        or (a.object_model = ''
                                            and a.in_domain in (m.pulp_domain_id, '{Guid.Empty}')))))
                """,
                (name, $"{holder}s/", model),
                withId: holder == "group",
                Schemas.Of(
                    [
                        (name, Schemas.Text()),
                        ("pulp_href", Schemas.ReadOnlyUri()),
                        ("prn", Schemas.ReadOnlyText()),
                        .. holder == "group" ? new[] { ("id", Schemas.Integer().ReadOnly()) } : [],
                    ],
                    name
                )
            )
        );
    }
}
