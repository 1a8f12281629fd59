using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Pulp.Api.Tests.Processes;

/// <summary>What is wrong with a plugin's folder is told at the start, not when the code that misses something first runs.</summary>
public sealed class PluginFolderTests
{
    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("pulp-plugins-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    private string Plugins => Path.Combine(_data, "plugins");

    private string Odd => Path.Combine(Plugins, "odd");

    [Test]
    public async Task A_folder_without_a_manifest_is_refused_by_its_name_and_can_be_disabled()
    {
        Directory.CreateDirectory(Odd);
        Directory.CreateDirectory(Path.Combine(Plugins, ".git"));

        var refused = await CheckAsync();
        var disabled = await CheckAsync("--disabled-plugins", "odd");

        Assert.Multiple(() =>
        {
            Assert.That(refused.Code, Is.EqualTo(1));
            Assert.That(
                refused.Errors,
                Is.EqualTo(
                    "The server can't start: Plugin odd: its folder has no plugin.json. "
                        + "Put it into DISABLED_PLUGINS to start without it.\n"
                )
            );
            Assert.That(disabled.Code, Is.Zero, disabled.Errors);
        });
    }

    [Test]
    public async Task A_name_to_leave_out_that_no_plugin_has_stops_the_start()
    {
        Directory.CreateDirectory(Odd);

        var (code, _, errors) = await CheckAsync("--disabled-plugins", "odd,fille");

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(
                errors,
                Does.Match(
                    "^The server can't start: DISABLED_PLUGINS: there is no plugin fille; there are .*file, odd.*\\.\n$"
                )
            );
        });
    }

    [Test]
    public async Task A_plugin_for_another_sdk_is_left_out_by_the_label_that_its_refusal_names()
    {
        Directory.CreateDirectory(Odd);
        await File.WriteAllTextAsync(
            Path.Combine(Odd, "plugin.json"),
            """{"label": "strange", "assembly": "Odd.dll", "sdk_min": "9.0", "sdk_below": "10.0"}"""
        );

        var refused = await CheckAsync();
        var disabled = await CheckAsync("--disabled-plugins", "strange");

        Assert.Multiple(() =>
        {
            Assert.That(refused.Errors, Does.Contain("Plugin strange: it works with plugin SDK 9.0"));
            Assert.That(disabled.Code, Is.Zero, disabled.Errors);
        });
    }

    [Test]
    public async Task A_missing_private_assembly_is_named_at_the_start()
    {
        MakePlugin("Odd", "Absent.Library");

        var (code, _, errors) = await CheckAsync();

        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(
                errors,
                Does.Contain(
                    "Plugin odd: Odd.dll needs the assembly Absent.Library 1.2.0.0, which is neither in its folder nor part "
                        + "of the server."
                )
            );
        });
    }

    [Test]
    public async Task A_missing_assembly_of_a_private_assembly_is_named_at_the_start()
    {
        MakePlugin("Odd", "Private.Library");
        Make("Private.Library", "Absent.Library");

        var (_, _, errors) = await CheckAsync();

        Assert.That(
            errors,
            Does.Contain("Plugin odd: Private.Library.dll needs the assembly Absent.Library 1.2.0.0, ")
        );
    }

    [Test]
    public async Task A_private_assembly_that_the_deps_file_does_not_list_is_named_at_the_start()
    {
        MakePlugin("Odd", "Private.Library");
        Make("Private.Library");
        await File.WriteAllTextAsync(
            Path.Combine(Odd, "Odd.deps.json"),
            """
            {
              "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0" },
              "targets": { ".NETCoreApp,Version=v10.0": { "Odd/1.0.0": { "runtime": { "Odd.dll": {} } } } },
              "libraries": { "Odd/1.0.0": { "type": "project", "serviceable": false, "sha512": "" } }
            }
            """
        );

        var (_, _, errors) = await CheckAsync();

        Assert.That(
            errors,
            Does.Contain("the assembly Private.Library 1.2.0.0, which is in its folder but not in its .deps.json.")
        );
    }

    [Test]
    public async Task An_assembly_whose_needs_are_met_is_loaded()
    {
        MakePlugin("Odd", "Private.Library");
        Make("Private.Library");

        var (_, _, errors) = await CheckAsync();

        Assert.That(errors, Does.Contain("Plugin odd: its assembly has 0 public plugin classes instead of one."));
    }

    [Test]
    public async Task The_frameworks_copy_of_an_assembly_goes_before_the_plugins_own()
    {
        MakePlugin("Odd", "Microsoft.Extensions.DependencyInjection.Abstractions");
        Make("Microsoft.Extensions.DependencyInjection.Abstractions", "Absent.Library");

        var (_, _, errors) = await CheckAsync();

        Assert.That(errors, Does.Contain("Plugin odd: its assembly has 0 public plugin classes instead of one."));
    }

    [Test]
    public async Task A_newer_assembly_than_the_servers_is_refused_where_its_types_are_exchanged()
    {
        MakePlugin("Odd", "Microsoft.Extensions.DependencyInjection.Abstractions/99.0.0.0");
        Make("Microsoft.Extensions.DependencyInjection.Abstractions");

        var (_, _, errors) = await CheckAsync();

        Assert.That(
            errors,
            Does.Contain(
                "Odd.dll needs the assembly Microsoft.Extensions.DependencyInjection.Abstractions 99.0.0.0, "
                    + "of which the server has 10.0.0.0."
            )
        );
    }

    [Test]
    public async Task Plugins_of_several_directories_are_there_beside_the_bundled_ones()
    {
        MakePlugin("Odd");
        var more = Directory.CreateDirectory(Path.Combine(_data, "more")).FullName;
        Directory.Move(Odd, Path.Combine(more, "odd"));
        var bundled = Path.Combine(Path.GetDirectoryName(ServerProcess.Program) ?? "", "plugins");

        var (_, listed, _) = await ServerProcess.RunAsync([
            "plugin",
            "list",
            "--data-dir",
            _data,
            "--plugin-dir",
            $"{more},{bundled}/",
            "--disabled-plugins",
            "odd",
        ]);
        File.Copy(
            Path.Combine(bundled, "file", "plugin.json"),
            Path.Combine(more, "odd", "plugin.json"),
            overwrite: true
        );
        foreach (var file in Directory.EnumerateFiles(Path.Combine(bundled, "file"), "PulpFile*"))
        {
            File.Copy(file, Path.Combine(more, "odd", Path.GetFileName(file)));
        }

        var (_, _, twice) = await ServerProcess.RunAsync(["check", "--data-dir", _data, "--plugin-dir", more]);

        Assert.Multiple(() =>
        {
            Assert.That(listed, Does.Match("(?m)^file "));
            Assert.That(twice, Does.Contain($"Plugin file: it is there more than once: {bundled}/file, {more}/odd."));
        });
    }

    [Test]
    public async Task A_manifest_that_says_something_else_than_the_assembly_is_refused()
    {
        var bundled = Path.Combine(Path.GetDirectoryName(ServerProcess.Program) ?? "", "plugins", "file");
        Directory.CreateDirectory(Odd);
        foreach (var file in Directory.EnumerateFiles(bundled, "PulpFile*"))
        {
            File.Copy(file, Path.Combine(Odd, Path.GetFileName(file)));
        }

        var manifest = await File.ReadAllTextAsync(Path.Combine(bundled, "plugin.json"));
        await File.WriteAllTextAsync(Path.Combine(Odd, "plugin.json"), manifest.Replace("\"file\"", "\"files\""));

        var (_, _, errors) = await CheckAsync();

        Assert.That(errors, Does.Match(@"Plugin files: plugin\.json says files (\S+), its assembly file \1\."));
    }

    private Task<(int Code, string Output, string Errors)> CheckAsync(params string[] more) =>
        ServerProcess.RunAsync(["check", "--data-dir", _data, "--plugin-dir", Plugins, .. more]);

    private void MakePlugin(string name, params string[] needs)
    {
        Directory.CreateDirectory(Odd);
        File.WriteAllText(
            Path.Combine(Odd, "plugin.json"),
            "{\"label\": \"odd\", \"assembly\": \"Odd.dll\", \"sdk_min\": \"0.1\", \"sdk_below\": \"10.0\"}"
        );
        Make(name, needs);
    }

    /// <summary>An assembly without types that refers to others.</summary>
    private void Make(string name, params string[] needs)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(
            0,
            metadata.GetOrAddString(name + ".dll"),
            metadata.GetOrAddGuid(Guid.NewGuid()),
            default,
            default
        );
        metadata.AddAssembly(
            metadata.GetOrAddString(name),
            new Version(1, 2, 0, 0),
            default,
            default,
            default,
            AssemblyHashAlgorithm.None
        );
        metadata.AddTypeDefinition(
            default,
            default,
            metadata.GetOrAddString("<Module>"),
            default,
            MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1)
        );
        foreach (var need in needs)
        {
            var (library, version) = need.Split('/') is [var named, var wanted] ? (named, wanted) : (need, "1.2.0.0");
            metadata.AddAssemblyReference(
                metadata.GetOrAddString(library),
                Version.Parse(version),
                default,
                default,
                default,
                default
            );
        }

        var image = new BlobBuilder();
        new ManagedPEBuilder(
            PEHeaderBuilder.CreateLibraryHeader(),
            new MetadataRootBuilder(metadata),
            ilStream: new BlobBuilder()
        ).Serialize(image);
        File.WriteAllBytes(Path.Combine(Odd, name + ".dll"), image.ToArray());
    }
}
