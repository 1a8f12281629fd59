using PulpContainer.Builds;

namespace PulpContainer.Tests.Builds;

/// <summary>What builds get of the server's environment.</summary>
public sealed class BuildEnvironmentTests
{
    [TestCase("PATH", true)]
    [TestCase("HOME", true)]
    [TestCase("XDG_RUNTIME_DIR", true)]
    [TestCase("BUILDAH_ISOLATION", true)]
    [TestCase("STORAGE_DRIVER", true)]
    [TestCase("CONTAINERS_CONF", true)]
    [TestCase("REGISTRY_AUTH_FILE", true)]
    [TestCase("HTTPS_PROXY", true)]
    [TestCase("no_proxy", true)]
    [TestCase("PULP_DATABASE", false)]
    [TestCase("PULP_HTTP_PROXY_", false)]
    [TestCase("PGPASSWORD", false)]
    [TestCase("AWS_SECRET_ACCESS_KEY", false)]
    [TestCase("PATHS", false)]
    public void Builds_get_only_what_they_need(string name, bool isInherited) =>
        Assert.That(BuildProgram.Inherits(name), Is.EqualTo(isInherited));
}
