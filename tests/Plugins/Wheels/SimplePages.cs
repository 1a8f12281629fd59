using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pulp.PluginSdk.Errors;
using Pulp.PluginSdk.Serving;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The simple index (PEP 503 and 691): projects and their files, as HTML or JSON.</summary>
internal static class SimplePages
{
    private const string Json = "application/vnd.pypi.simple.v1+json";
    private static readonly string[] ByAccept = ["Accept"];

    /// <summary>A project's name as it stands in addresses.</summary>
    public static string Normal(string name) => name.ToLowerInvariant().Replace('_', '-').Replace('.', '-');

    /// <summary>What is at a path of an index: empty for the projects, <c>project/</c> for its files, or a file.</summary>
    /// <exception cref="BadRequestException">It can't be a project's name.</exception>
    public static async ValueTask<ContentAnswer> AnswerAsync(
        IServedDistribution served,
        string path,
        IHeaderDictionary headers,
        CancellationToken cancellationToken
    )
    {
        var index = await WheelIndex.OfAsync(served, cancellationToken);
        var isJson = headers.Accept.ToString().Contains(Json, StringComparison.Ordinal);
        if (path.Length == 0)
        {
            return await PageAsync(
                served,
                "",
                isJson,
                () => isJson ? ProjectsAsJson(index) : Html(index.Projects.Select(p => $"<a href=\"{p}/\">{p}</a>")),
                cancellationToken
            );
        }

        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var project = slash < 0 ? path : path[..slash];
        if (!project.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new BadRequestException($"'{project}' is no name of a project.");
        }

        if (project != Normal(project) || slash < 0)
        {
            return new ContentAnswer.Redirect($"{(slash < 0 ? "" : "../")}{Normal(project)}/");
        }

        var name = path[(slash + 1)..];
        if (index.Files(project) is not { } files)
        {
            return new ContentAnswer.Missing($"There is no project {project}.");
        }

        if (name.Length == 0)
        {
            return await PageAsync(
                served,
                project,
                isJson,
                () => isJson ? FilesAsJson(project, files) : Html(files.Select(Link)),
                cancellationToken
            );
        }

        return files.FirstOrDefault(f => f.Filename == name) is { } file
            ? new ContentAnswer.Unit(file.PulpId, file.Filename)
            : new ContentAnswer.Missing($"The project {project} has no file {name}.");
    }

    /// <summary>A page, made once for each state and form.</summary>
    private static ValueTask<ContentAnswer> PageAsync(
        IServedDistribution served,
        string project,
        bool isJson,
        Func<byte[]> make,
        CancellationToken cancellationToken
    ) =>
        served.RememberAsync(
            $"{(isJson ? "json" : "html")} {project}",
            _ =>
            {
                var body = make();
                ContentAnswer page = new ContentAnswer.Bytes(body, isJson ? Json : "text/html; charset=utf-8")
                {
                    Remember = Remember.WhileServed,
                    VariesBy = ByAccept,
                    ETag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)),
                };
                return Task.FromResult((page, (long)body.Length + 200));
            },
            cancellationToken
        );

    private static string Link(Wheel file) =>
        $"<a href=\"{WebUtility.HtmlEncode(file.Filename)}#sha256={file.Sha256}\">{WebUtility.HtmlEncode(file.Filename)}</a>";

    private static byte[] Html(IEnumerable<string> lines) =>
        Encoding.UTF8.GetBytes($"<!DOCTYPE html>\n<html><body>\n{string.Join("<br>\n", lines)}\n</body></html>\n");

    private static byte[] ProjectsAsJson(WheelIndex index) =>
        JsonSerializer.SerializeToUtf8Bytes(new { projects = index.Projects.Select(name => new { name }) });

    private static byte[] FilesAsJson(string name, IReadOnlyList<Wheel> files) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                name,
                files = files.Select(f => new
                {
                    filename = f.Filename,
                    url = f.Filename,
                    hashes = new { sha256 = f.Sha256 },
                }),
            }
        );
}
