using Microsoft.Extensions.Primitives;
using PulpContainer.Images;

namespace PulpContainer.Registry;

/// <summary>Which manifests a client understands. <c>Accept</c> may come in several lines, with weights.</summary>
internal static class AcceptedTypes
{
    public static bool Takes(StringValues accept, string mediaType)
    {
        var any = false;
        foreach (var line in accept)
        {
            foreach (var part in (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                var type = MediaTypes.Bare(part);
                if (type.Length == 0)
                {
                    continue;
                }

                any = true;
                if (type == mediaType || type is "*/*" or "application/*")
                {
                    return true;
                }
            }
        }

        return !any;
    }
}
