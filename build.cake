// Targets: Check (format, build, fast tests), Test (everything, both databases), Bench, Publish.
var target = Argument("target", "Check");
var filter = Argument("scenario", "");
var dist = Directory("./dist");

string[] FastTests() => new[] { "tests/Pulp.Architecture.Tests", "tests/PulpFile.Tests", "tests/Pulp.Core.Tests" };

void Dotnet(string arguments, IDictionary<string, string> environment = null)
{
    var settings = new ProcessSettings { Arguments = arguments, EnvironmentVariables = environment };
    var code = StartProcess("dotnet", settings);
    if (code != 0)
    {
        throw new CakeException($"dotnet {arguments} ended with {code}.");
    }
}

Task("Format").Does(() => Dotnet("csharpier check ."));

Task("Build").Does(() => Dotnet("build Pulp.slnx --nologo -v q -clp:NoSummary"));

Task("Check")
    .IsDependentOn("Format")
    .IsDependentOn("Build")
    .Does(() =>
    {
        foreach (var project in FastTests())
        {
            Dotnet($"test {project} --no-build --nologo", new Dictionary<string, string> { ["PULP_TEST_DATABASES"] = "sqlite" });
        }
    });

Task("Test")
    .IsDependentOn("Format")
    .IsDependentOn("Build")
    .Does(() => Dotnet("test Pulp.slnx --no-build --nologo -m:1"));

Task("Publish")
    .Does(() =>
    {
        CleanDirectory(dist);
        // Compiled ahead (ReadyToRun): what starts doesn't wait for the compiler first. See ADR 13.
        Dotnet("publish Pulp.Host -c Release -r linux-x64 --self-contained -p:PublishReadyToRun=true -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true -p:DebugType=none --nologo -v q -o dist");
        foreach (var plugin in GetFiles("plugins/*/*.csproj"))
        {
            var name = plugin.GetDirectory().GetDirectoryName();
            Dotnet($"publish {plugin} -c Release -r linux-x64 --no-self-contained -p:PublishReadyToRun=true -p:DebugType=none --nologo -v q -o dist/plugins/{name}");
        }

        foreach (var package in new[] { "Pulp.PluginSdk", "Pulp.PluginSdk.Testing" })
        {
            Dotnet($"pack {package} -c Release --nologo -v q -o dist/packages");
        }
    });

Task("Bench")
    .IsDependentOn("Publish")
    .Does(() => Dotnet($"run -c Release --project bench -- {filter}"));

RunTarget(target);
