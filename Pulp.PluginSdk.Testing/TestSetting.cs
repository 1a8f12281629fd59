namespace Pulp.PluginSdk.Testing;

/// <summary>What the surroundings say: an environment variable, or a property of the test project.</summary>
internal static class TestSetting
{
    public static string? Of(string variable, string option) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given
            ? given
            : AppContext.GetData(option) as string;
}
