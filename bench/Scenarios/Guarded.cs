using System.Text;

namespace Pulp.Bench.Scenarios;

/// <summary>Guarded content beside the same files without a guard.</summary>
internal static class Guarded
{
    private const string Aim = "CPU 1.30";

    public static async IAsyncEnumerable<Line> RunAsync(Fixture fixture)
    {
        Data.Files(fixture.Files, "small", 10_000);
        var (repository, open, _) = await fixture.MirrorAsync("small", "immediate");
        using var root = TestCertificates.Root();
        using var client = TestCertificates.Issue("CN=client", root, isAuthority: false);
        var red = new { header_name = "X-Team", header_value = "red" };
        var filtered = PulpClient.Merge(red, new { jq_filter = ".team" });
        var login = Fixture.Headers[0];
        (string Name, string Kind, object Fields, string Header)[] guards =
        [
            ("header", "core/header", red, $"X-Team: {Base64("red")}"),
            ("header with a filter", "core/header", filtered, $"X-Team: {Base64("""{"team": "red"}""")}"),
            ("rbac", "core/rbac", new { }, login),
            (
                "x509",
                "certguard/x509",
                new { ca_certificate = root.ExportCertificatePem() },
                $"X-CLIENT-CERT: {Uri.EscapeDataString(client.ExportCertificatePem())}"
            ),
        ];
        foreach (var (name, kind, fields, header) in guards)
        {
            var body = PulpClient.Merge(new { name = PulpClient.Unique() }, fields);
            var guard = (await fixture.Api.PostAsync($"contentguards/{kind}/", body)).Href;
            var (_, path) = await fixture.Api.NewDistributionAsync(new { repository, content_guard = guard });
            var (measured, reference) = await Measuring.AlternateAsync(
                () => MeasureAsync(fixture, path, header),
                () => MeasureAsync(fixture, open, header)
            );
            yield return Line.Of($"GET 1 KiB behind a guard: {name}", measured, reference, "open", Aim);
        }
    }

    private static Task<Measured> MeasureAsync(Fixture fixture, string path, string header) =>
        Measuring.WrkAsync(
            fixture.Server.Url + path + "d1/f1.bin",
            fixture.Process,
            connections: 32,
            seconds: 3,
            headers: [header]
        );

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
