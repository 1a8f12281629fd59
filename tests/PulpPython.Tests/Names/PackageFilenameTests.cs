using PulpPython.Names;

namespace PulpPython.Tests.Names;

public sealed class PackageFilenameTests
{
    [TestCase("shelf_reader-0.1-py2-none-any.whl", "shelf_reader 0.1 bdist_wheel py2 ")]
    [TestCase(
        "numpy-1.26.4-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "numpy 1.26.4 bdist_wheel cp312 manylinux_2_17_x86_64.manylinux2014_x86_64"
    )]
    [TestCase("foo-1.0-2b-py2.py3-none-win_amd64.whl", "foo 1.0 bdist_wheel py2.py3 win_amd64")]
    [TestCase("foo-1.0+local.1-py3-none-any.whl", "foo 1.0+local.1 bdist_wheel py3 ")]
    [TestCase("shelf-reader-0.1.tar.gz", "shelf-reader 0.1 sdist source ")]
    [TestCase("shelf_reader-0.1.zip", "shelf_reader 0.1 sdist source ")]
    [TestCase("foo-1.0.tar.bz2", "foo 1.0 sdist source ")]
    [TestCase("foo-bar-1.0-beta-2.tgz", "foo-bar 1.0-beta-2 sdist source ")]
    [TestCase("foo-0.1dev-r123.tar.gz", "foo 0.1dev-r123 sdist source ")]
    [TestCase("foo-2-1.0.tar.gz", "foo-2 1.0 sdist source ")]
    [TestCase("setuptools-0.6c11-py2.7.egg", "setuptools 0.6c11 bdist_egg py2.7 ")]
    [TestCase("lxml-2.3-py2.7-win32.egg", "lxml 2.3 bdist_egg py2.7 win32")]
    [TestCase("foo.bar-1.0.win32-py2.7.exe", "foo.bar 1.0 bdist_wininst py2.7 win32")]
    [TestCase("foo-1.0.win-amd64.exe", "foo 1.0 bdist_wininst  win-amd64")]
    [TestCase("foo-1.0.win32-py3.3.msi", "foo 1.0 bdist_msi py3.3 win32")]
    [TestCase("foo-bar-1.0-1.noarch.rpm", "foo-bar 1.0 bdist_rpm  ")]
    [TestCase("foo-1.0.linux-x86_64.tar.gz", "foo 1.0 bdist_dumb any linux-x86_64")]
    [TestCase("foo-1.0.macosx-10.6-intel.tar.gz", "foo 1.0 bdist_dumb any macosx-10.6-intel")]
    [TestCase("foo-1.0.dmg", "foo 1.0 bdist_dmg  ")]
    public void A_name_tells_its_parts(string filename, string expected)
    {
        Assert.That(PackageFilename.TryParse(filename, out var parsed), Is.True);
        Assert.That(
            $"{parsed?.Project} {parsed?.Version} {parsed?.PackageType} {parsed?.PythonVersion} {parsed?.Platform}",
            Is.EqualTo(expected)
        );
    }

    [TestCase("")]
    [TestCase("foo")]
    [TestCase("foo.tar.gz")]
    [TestCase("foo-1.0.tar.gz.asc")]
    [TestCase("foo-1.0-py3.whl")]
    [TestCase("foo-1.0-x-py3-none-any.whl")]
    [TestCase("../foo-1.0.tar.gz")]
    [TestCase("foo/bar-1.0.tar.gz")]
    [TestCase("-1.0.tar.gz")]
    [TestCase("foo-1.0.tar.gz\n")]
    [TestCase("foo-.tar.gz")]
    public void What_is_no_package_is_not_taken(string filename) =>
        Assert.That(PackageFilename.TryParse(filename, out _), Is.False);

    [Test]
    public void The_project_decides_where_an_old_name_is_divided()
    {
        Assert.That((Version("python_foo"), Version("Python.Foo-3")), Is.EqualTo(("3-1", "1")));

        static string? Version(string project) =>
            PackageFilename.TryParse("python-foo-3-1.tar.gz", project, out var parsed) ? parsed.Version : null;
    }
}
