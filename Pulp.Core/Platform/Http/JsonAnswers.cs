using System.Text.Json;
using Pulp.Core.Platform.Resources;

namespace Pulp.Core.Platform.Http;

/// <summary>The wire's answer shapes.</summary>
internal static class JsonAnswers
{
    public static Task JsonAsync(this HttpResponse response, int status, ReadOnlyMemory<byte> json)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        return response.BodyWriter.WriteAsync(json).AsTask();
    }

    public static Task JsonAsync(this HttpResponse response, int status, object value) =>
        response.JsonAsync(status, JsonSerializer.SerializeToUtf8Bytes(value, WireJson.Options));

    /// <summary>201 with its path in <c>Location</c>.</summary>
    public static Task CreatedAsync(this HttpResponse response, string href, ReadOnlyMemory<byte> json)
    {
        response.Headers.Location = href;
        return response.JsonAsync(201, json);
    }

    /// <summary>202 with a task, of the request's domain or of what all domains share.</summary>
    public static Task TaskAsync(this HttpResponse response, Guid task, bool shared = false)
    {
        var domain = response.HttpContext.Domain();
        return response.JsonAsync(202, new { task = $"{(shared ? domain.SharedRoot : domain.Root)}tasks/{task}/" });
    }

    /// <summary>202 with a group of tasks.</summary>
    public static Task TaskGroupAsync(this HttpResponse response, Guid group) =>
        response.JsonAsync(202, new { task_group = $"{response.HttpContext.Domain().Root}task-groups/{group}/" });

    /// <summary>Drops what was prepared for another answer, but for what every answer has.</summary>
    public static void ClearForError(this HttpResponse response)
    {
        var kept = response
            .Headers.Where(h => h.Key is CorrelationIds.Header or "Access-Control-Expose-Headers" or "Vary")
            .ToList();
        response.Clear();
        kept.ForEach(h => response.Headers[h.Key] = h.Value);
    }

    public static Task DetailAsync(this HttpResponse response, int status, string detail) =>
        response.JsonAsync(status, new { detail });
}
