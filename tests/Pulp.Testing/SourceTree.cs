namespace Pulp.Testing;

/// <summary>The tree that the tests were built from, for tests of the documents in it.</summary>
public static class SourceTree
{
    public static string PathOf(string file)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Pulp.slnx")))
        {
            directory =
                directory.Parent ?? throw new InvalidOperationException("Pulp.slnx isn't found above the tests.");
        }

        return Path.Combine(directory.FullName, file);
    }
}
