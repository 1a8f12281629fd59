using Pulp.Core.Platform.OpenApi;
using Pulp.Core.Platform.Resources;
using Pulp.Core.Plugins;

namespace Pulp.Core.Guards;

/// <summary>The kinds of content guards: the server's own are declared as a plugin's are.</summary>
internal static class GuardKinds
{
    /// <summary>The app label of the guards that ask for certificates.</summary>
    public const string CertificateApp = "certguard";

    public static ResourceFamily<GuardDeclaration> Family { get; } =
        new("contentguards", typeof(ContentGuard))
        {
            Verbs = Verbs.List | Verbs.Read | Verbs.Create | Verbs.UpdateNow | Verbs.Delete,
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
            var declaration = new GuardDeclaration(app, typeof(T), type);
            declared.Add(declaration);
            return new ContentGuardKind<T>(declaration, services);
        }

        Add<RBACContentGuard>("core", "rbac").AskedBy<RbacCheck>();
        Add<HeaderContentGuard>("core", "header").AskedBy<HeaderCheck>();
        Add<CompositeContentGuard>("core", "composite");
        Add<ContentRedirectContentGuard>("core", "content_redirect").AskedBy<RedirectCheck>();
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
            AddDownloaders(kind, "users", "username");
            AddDownloaders(kind, "groups", "name");
        }
    }

    /// <summary>Those who hold the permission to download on the guard itself.</summary>
    private static void AddDownloaders(ResourceKind kind, string member, string name) =>
        kind.Outputs.Add(
            Outputs.RawJson(
                member,
                "'[]'",
                "[]",
                Schemas
                    .Array(
                        Schemas.Of(
                            [
                                (name, Schemas.Text()),
                                ("pulp_href", Schemas.ReadOnlyUri()),
                                ("prn", Schemas.ReadOnlyText()),
                                .. member == "groups" ? new[] { ("id", Schemas.Integer().ReadOnly()) } : [],
                            ],
                            name
                        )
                    )
                    .ReadOnly()
            )
        );
}
