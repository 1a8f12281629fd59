using System.Diagnostics;
using NUnit.Framework;

namespace Pulp.Testing;

/// <summary>A key of the real gpg, in a directory of its own. A test that needs it where there is no gpg is skipped, and says so.</summary>
public sealed class SigningKey : IDisposable
{
    private SigningKey(string home) => Home = home;

    /// <summary>gpg's directory.</summary>
    public string Home { get; }

    /// <summary>The key's fingerprint.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>The last 16 digits of the fingerprint.</summary>
    public string Id => Fingerprint[^16..];

    public static async Task<SigningKey> MakeAsync(string user = "Tests <tests@example.org>")
    {
        var key = new SigningKey(Directory.CreateTempSubdirectory("pulp-gpg-").FullName);
        await key.GpgAsync("--passphrase", "", "--quick-generate-key", user, "ed25519", "sign", "never");
        var listed = await key.GpgAsync("--with-colons", "--list-keys", user);
        key.Fingerprint = listed
            .Split('\n')
            .First(line => line.StartsWith("fpr:", StringComparison.Ordinal))
            .Split(':')[9];
        return key;
    }

    /// <summary>Runs gpg to its end and answers what it prints.</summary>
    public async Task<string> GpgAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("gpg", ["--batch", "--homedir", Home, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("gpg doesn't start.");
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.That(process.ExitCode, Is.Zero, await errors);
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("gpg isn't installed here.");
            throw;
        }
    }

    /// <summary>Writes a script for signing services, with <c>gpg</c> standing for gpg with this key.</summary>
    public string Script(string name, string body)
    {
        var path = Path.Combine(Home, name);
        File.WriteAllText(
            path,
            $"#!/bin/sh\nset -e\ngpg() {{ command gpg --batch --homedir '{Home}' \"$@\"; }}\n{body}\n"
        );
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose()
    {
        // gpg leaves an agent behind.
        using var ended = Process.Start(new ProcessStartInfo("gpgconf", ["--homedir", Home, "--kill", "all"]));
        ended?.WaitForExit();
        Directory.Delete(Home, recursive: true);
    }
}
