using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Distributions;

/// <summary>The generic list of content guards. There are no kinds of guards yet: a distribution that names one lets nobody in.</summary>
internal static class GuardKinds
{
    public static ResourceKind RegisterGeneric(ResourceRegistry registry)
    {
        var kind = new ResourceKind(
            "core",
            "contentguard",
            typeof(ContentGuard),
            "core_contentguard",
            detailTable: null
        )
        {
            Path = "contentguards/",
            OperationStem = "contentguards",
            Tag = "Contentguards",
        };
        registry.Add(kind);
        return kind;
    }

    public static void Complete(ResourceKind kind, ResourceRegistry registry) =>
        KindCompletion.Complete(kind, registry);
}
