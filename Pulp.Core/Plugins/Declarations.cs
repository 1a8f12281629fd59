using System.Diagnostics.CodeAnalysis;
using Pulp.Core.Platform.Modules;
using Pulp.Core.Platform.Resources;
using Pulp.PluginSdk.Files;
using Pulp.PluginSdk.Migrations;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Repositories;
using Pulp.PluginSdk.Serving;
using Pulp.PluginSdk.Signing;
using Pulp.PluginSdk.Sync;

namespace Pulp.Core.Plugins;

/// <summary>What a plugin declared, before anything is made of it.</summary>
internal sealed class PluginDeclarations(PulpPlugin plugin)
{
    public PluginIdentity Identity { get; } = plugin.Identity;

    /// <summary>The plugin's class.</summary>
    public Type Plugin { get; } = plugin.GetType();

    public List<ContentDeclaration> Contents { get; } = [];

    public List<RemoteDeclaration> Remotes { get; } = [];

    public List<RepositoryDeclaration> Repositories { get; } = [];

    public List<PublicationDeclaration> Publications { get; } = [];

    public List<DistributionDeclaration> Distributions { get; } = [];

    public List<GuardDeclaration> ContentGuards { get; } = [];

    public List<AlternateSourceDeclaration> AlternateSources { get; } = [];

    public List<OwnKindDeclaration> OwnKinds { get; } = [];

    /// <summary>Its kinds of all families, and its own.</summary>
    public IEnumerable<KindDeclaration> Kinds =>
        [
            .. Contents,
            .. Remotes,
            .. Repositories,
            .. Publications,
            .. Distributions,
            .. ContentGuards,
            .. AlternateSources,
            .. OwnKinds,
        ];

    /// <summary>Roles that belong to no kind.</summary>
    public List<Role> OwnRoles { get; } = [];

    /// <summary>Conditions of its own for access policies.</summary>
    public List<ConditionDeclaration> Conditions { get; } = [];

    /// <summary>Access policies that are no kind's.</summary>
    public List<NamedPolicy> Policies { get; } = [];

    public IEnumerable<Role> Roles => OwnRoles.Concat(Kinds.SelectMany(k => k.Roles));

    public List<Type> Tasks { get; } = [];

    public List<Migration> Migrations { get; } = [];

    /// <summary>Ways in which its signing services sign.</summary>
    public List<SigningClass> SigningClasses { get; } = [];

    public List<SettingsDeclaration> Settings { get; } = [];

    public List<RoutesDeclaration> Routes { get; } = [];
}

/// <summary>An access policy that is no kind's: its statements are all that it says.</summary>
internal sealed record NamedPolicy(string Name, AccessPolicy Policy);

/// <summary>A condition of a plugin's own for access policies.</summary>
internal sealed record ConditionDeclaration(
    string Name,
    Func<AccessQuestion, CancellationToken, ValueTask<bool>> Holds,
    bool ReadsBody
);

/// <summary>Routes below a path, which is known when the settings are read.</summary>
internal sealed record RoutesDeclaration(Func<string> Mount, MountOptions Options, Action<IEndpointRouteBuilder> Map)
{
    public MountedRoute ToMounted(string component) => new(Mount(), Options, Map) { Component = component };
}

internal sealed record RemoteDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    /// <summary>How requests to its upstreams are authorized; null for name and password.</summary>
    public Type? Authorization { get; set; }
}

internal sealed record ContentDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    /// <summary>Completes the unit from its one file, wherever that comes from; null when the unit isn't made of exactly one.</summary>
    public Func<Content, Artifact, Content>? Complete { get; set; }

    /// <summary>Reads the unit from an uploaded file; null when it can't be uploaded.</summary>
    public Func<Content, object?, UploadedFile, CancellationToken, ValueTask<DeclaredContent>>? Read { get; set; }

    /// <summary>Fields of an upload's request that aren't the unit's own; null for none.</summary>
    public ResourceKind? Input { get; set; }

    public List<ReferenceDeclaration> References { get; } = [];

    [MemberNotNullWhen(true, nameof(Read))]
    public bool IsFromFile => Read is not null;
}

/// <summary>A reference to other units: one in a field, or many in a table of their own.</summary>
internal sealed record ReferenceDeclaration(Type Other, string? Property, string? Table, string? Member);

internal sealed record RepositoryDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    public List<Type> Holds { get; } = [];

    public Func<IVersionDraft, CancellationToken, Task>? BeforeVersion { get; set; }

    public Type? SyncPlan { get; set; }

    public string? SyncTask { get; set; }

    public Func<Repository, Publication?>? Autopublish { get; set; }

    /// <summary>The kind of publication that it wants by itself.</summary>
    public Type? Publication { get; set; }
}

internal sealed record PublicationDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    public string? Task { get; set; }

    /// <summary>Runs the plugin's publisher, whose type is known here.</summary>
    public Func<
        IServiceProvider,
        Publication,
        PluginSdk.Publishing.IPublicationWriter,
        CancellationToken,
        Task
    >? Write { get; set; }
}

internal sealed record DistributionDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    public Served Serves { get; set; } = Served.Versions;

    /// <summary>Whether a distribution may name a publication.</summary>
    public bool ServesPublications => Serves.HasFlag(Served.Publications) || Serves.HasFlag(Served.NamedPublications);

    public Type? Handler { get; set; }

    /// <summary>What it is called in the database.</summary>
    public string PulpType => $"{App}.{TypeName}";

    /// <summary>The kinds whose base paths may lie below its own.</summary>
    public List<Type> Above { get; } = [];

    /// <summary>Makes the member <c>base_url</c>; null for the base path below the content application.</summary>
    public Func<Distribution, ServerAddress, string>? BaseUrl { get; set; }

    /// <summary>The member that says it.</summary>
    public string BaseUrlMember { get; set; } = "base_url";
}

internal sealed record GuardDeclaration(string App, Type Record, string TypeName)
    : KindDeclaration(App, Record, TypeName)
{
    /// <summary>Makes what is asked for a request; null where nobody is.</summary>
    public Func<IServiceProvider, AskGuard>? Check { get; set; }
}

/// <summary>Asks a guard's check.</summary>
internal delegate ValueTask<GuardAnswer> AskGuard(
    ContentGuard guard,
    GuardedRequest request,
    CancellationToken cancellationToken
);

internal sealed record AlternateSourceDeclaration(string App, Type Record, string TypeName, Type Repository)
    : KindDeclaration(App, Record, TypeName);

internal sealed record SettingsDeclaration(
    string Prefix,
    Type Type,
    object Value,
    Action<object, ValidationErrors>? Validate
);
