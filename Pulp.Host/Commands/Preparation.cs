using System.Data.Common;
using Pulp.Core.Platform.Data;
using Pulp.Core.Platform.Settings;
using Pulp.Core.Platform.Storage;
using Pulp.Core.Plugins;
using Pulp.Host.Tls;
using Pulp.Migrations;
using Pulp.PluginSdk.Errors;

namespace Pulp.Host.Commands;

/// <summary>What has to be there before the first request: keys, storage, and the database with its schema.</summary>
internal static partial class Preparation
{
    /// <summary>
    /// Makes sure of everything that is needed before the first request: keys, storage, the database and its schema. For the
    /// database it waits as long as it takes, unless it refuses.
    /// </summary>
    /// <exception cref="StartFault">Something isn't as it must be; the setting is named.</exception>
    public static async Task PrepareAsync(
        WebApplication app,
        PulpSettings settings,
        PluginCatalog catalog,
        CancellationToken cancellationToken
    )
    {
        CheckFiles(app.Services, settings);
        WarnOfOthers(app.Logger, settings);
        await MigrateAsync(app, catalog, cancellationToken);
    }

    /// <summary>The keys can be read, and files be stored.</summary>
    /// <exception cref="StartFault">They can't; the setting is named.</exception>
    public static void CheckFiles(IServiceProvider services, PulpSettings settings)
    {
        try
        {
            _ = services.GetRequiredService<SecretBox>();
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw StartFault.Of("KEY_DIR", error);
        }

        if (settings.Listen.Any(u => u.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
        {
            _ = services.GetRequiredService<ServerCertificate>();
        }

        try
        {
            services.GetRequiredService<FileStorage>().CheckWritable();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw StartFault.Of("MEDIA_ROOT", error);
        }
    }

    /// <summary>Whoever may write in the data directory can put another database and other keys in the place of these.</summary>
    private static void WarnOfOthers(ILogger logger, PulpSettings settings)
    {
        foreach (var directory in new[] { settings.DataDir, settings.KeyDir })
        {
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(directory).HasFlag(UnixFileMode.OtherWrite))
            {
                LogWritableByOthers(logger, directory);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Every account of this machine may write in {Directory}, where the database or its keys are: chmod o-w"
    )]
    private static partial void LogWritableByOthers(ILogger logger, string directory);

    /// <summary>Waits for the database and brings it to this release.</summary>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="StartFault">It refuses, or is of a newer release.</exception>
    public static async Task<int> MigrateAsync(
        WebApplication app,
        PluginCatalog catalog,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await WaitForDatabaseAsync(app.Services, app.Logger, cancellationToken);
            var runner = new MigrationRunner(
                app.Services.GetRequiredService<Database>(),
                app.Services.GetRequiredService<TimeProvider>(),
                app.Logger
            );
            return await runner.ApplyAsync(PulpApplication.Components(catalog), cancellationToken);
        }
        catch (MigrationRefusedException refused)
        {
            throw StartFault.Of("DATABASE", refused);
        }
        catch (Exception error) when (error is DbException or DatabaseUnavailableException)
        {
            LogDatabaseFault(app.Logger, error);
            throw StartFault.OfDatabase(app.Services, error);
        }
    }

    /// <summary>Waits for the database, as long as it takes, and says so.</summary>
    private static async Task WaitForDatabaseAsync(
        IServiceProvider services,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        var database = services.GetRequiredService<Database>();
        for (
            var wait = TimeSpan.FromMilliseconds(500);
            ;
            wait = TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds * 2, 15))
        )
        {
            try
            {
                await database.PingAsync(cancellationToken);
                return;
            }
            catch (DatabaseUnavailableException error)
            {
                LogWaiting(logger, wait.TotalSeconds, StartFault.OneLine(error));
            }

            await Task.Delay(wait, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "DATABASE: can't be reached; next try in {Seconds} s: {Reason}")]
    private static partial void LogWaiting(ILogger logger, double seconds, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The database can't be used")]
    private static partial void LogDatabaseFault(ILogger logger, Exception error);
}
