using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Pulp.Core.Guards;

/// <summary>The paths that a certificate of Red Hat's subscription management entitles to.</summary>
internal sealed class EntitledPaths
{
    private const string Root = "1.3.6.1.4.1.2312.9";
    private const string Order = $"{Root}.4.1";
    private const string Version = $"{Root}.6";
    private const string Entitlement = $"{Root}.7";
    private const string Products = $"{Root}.2.";
    private const string ProductPath = ".1.6";
    private readonly PathNode _root;

    private EntitledPaths(PathNode root) => _root = root;

    /// <summary>Null where the certificate has none, or they can't be read.</summary>
    public static EntitledPaths? Read(X509Certificate2 certificate)
    {
        var extensions = certificate.Extensions.ToLookup(
            e => e.Oid?.Value ?? "",
            e => e.RawData,
            StringComparer.Ordinal
        );
        try
        {
            var version = extensions[Version].FirstOrDefault() is { } text ? TextOf(text) : "1.0";
            if (!int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major))
            {
                return null;
            }

            if (major < 3)
            {
                // Only an order's certificate speaks of paths.
                if (!extensions.Contains(Order))
                {
                    return null;
                }

                var paths = extensions.Where(e => IsProductPath(e.Key)).SelectMany(e => e).Select(TextOf);
                return new EntitledPaths(PathNode.Of(paths));
            }

            return extensions[Entitlement].FirstOrDefault() is { } packed
                ? new EntitledPaths(PackedPaths.Read(AsnDecoder.ReadOctetString(packed, AsnEncodingRules.DER, out _)))
                : null;
        }
        catch (Exception error) when (error is AsnContentException or InvalidDataException)
        {
            return null; // Whoever issued it made it wrong: it entitles to nothing.
        }
    }

    /// <summary>Whether a path lies below one of them. A segment that begins with <c>$</c> stands for any.</summary>
    public bool Hold(string path)
    {
        IReadOnlyCollection<PathNode> reached = [_root];
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (reached.Any(node => node.IsEnd))
            {
                return true;
            }

            reached = [.. reached.SelectMany(node => node.Next(segment)).Distinct()];
        }

        return reached.Any(node => node.IsEnd);
    }

    private static bool IsProductPath(string oid) =>
        oid.StartsWith(Products, StringComparison.Ordinal)
        && oid.EndsWith(ProductPath, StringComparison.Ordinal)
        && oid.Length > Products.Length + ProductPath.Length
        && oid[Products.Length..^ProductPath.Length].All(char.IsAsciiDigit);

    private static string TextOf(byte[] value) =>
        AsnDecoder.ReadCharacterString(value, AsnEncodingRules.DER, UniversalTagNumber.UTF8String, out _);
}

/// <summary>A place in a tree of paths; several ways may lead to it.</summary>
internal sealed class PathNode
{
    private readonly Dictionary<string, PathNode> _children = new(StringComparer.Ordinal);

    /// <summary>A path ends here: everything below it is entitled to.</summary>
    public bool IsEnd { get; private set; } = true;

    /// <summary>The tree of these paths; of none, one that holds nothing.</summary>
    public static PathNode Of(IEnumerable<string> paths)
    {
        var root = new PathNode { IsEnd = false };
        foreach (var path in paths.Where(p => p.Trim('/').Length > 0))
        {
            var node = root;
            foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                node = node._children.TryGetValue(segment, out var child)
                    ? child
                    : node._children[segment] = new PathNode { IsEnd = false };
            }

            node.IsEnd = true;
        }

        return root;
    }

    /// <exception cref="InvalidDataException">There is a way of that name already.</exception>
    public void Add(string segment, PathNode child)
    {
        IsEnd = false;
        if (!_children.TryAdd(segment, child))
        {
            throw new InvalidDataException("A segment stands twice in an entitlement.");
        }
    }

    public IEnumerable<PathNode> Next(string segment) =>
        _children.Where(c => c.Key == segment || c.Key.StartsWith('$')).Select(c => c.Value);
}
