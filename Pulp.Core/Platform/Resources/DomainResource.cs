namespace Pulp.Core.Platform.Resources;

/// <summary>Names of what a domain has one of, as tasks reserve it; the form is Pulp's.</summary>
internal static class DomainResource
{
    public static string Prn(Reach reach, string what) => $"pdrn:{reach.Domain}:{what}";
}
