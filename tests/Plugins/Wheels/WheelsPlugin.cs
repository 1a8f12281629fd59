using Microsoft.Extensions.DependencyInjection;
using Pulp.PluginSdk.Access;
using Pulp.PluginSdk.Actions;
using Pulp.PluginSdk.Models;
using Pulp.PluginSdk.Plugin;
using Pulp.PluginSdk.Serving;
using Pulp.TestPlugins.Wheels.Migrations;

namespace Pulp.TestPlugins.Wheels;

/// <summary>The outline of a plugin for Python packages: what such a plugin needs of the SDK, each thing once.</summary>
public sealed class WheelsPlugin : PulpPlugin
{
    /// <inheritdoc />
    public override PluginIdentity Identity { get; } = new(AppLabel: "wheels", Version: "1.0.0");

    /// <inheritdoc />
    public override void Configure(IPluginBuilder plugin)
    {
        plugin.Content<Wheel>("wheel", "wheels").FromFile(WheelMetadata.ReadAsync);
        plugin
            .Remote<WheelRemote>("wheel")
            .Field(nameof(Remote.Policy), new FieldChange { Default = DownloadPolicies.OnDemand })
            .Field(nameof(Remote.ProxyUrl), new FieldChange { Hidden = true })
            .Field(
                nameof(Remote.RateLimit),
                new FieldChange { Required = true, Help = "Requests a second that the index allows." }
            )
            .Access(
                new AccessPolicy { Statements = [new AccessStatement { Actions = ["presets"], Principals = ["*"] }] }
            )
            .KindAction<NoBody>(
                "presets",
                "wheels.view_wheelremote",
                (request, _) =>
                    Task.FromResult(
                        ActionAnswer.Body(new MirrorOptions { Master = $"for {request.Caller?.Username}" })
                    ),
                new ActionOptions { IsGet = true, Answers = ActionAnswers.Body<MirrorOptions>() }
            )
            .KindAction<MirrorFile>(
                "from_bandersnatch",
                "wheels.add_wheelremote",
                WheelActions.FromBandersnatchAsync,
                new ActionOptions { Answers = ActionAnswers.Resource<WheelRemote>(201) }
            );
        plugin
            .Repository<WheelRepository>("wheel")
            .Holds<Wheel>()
            .SyncsWith<WheelSync>("wheels.app.tasks.sync.sync")
            .VersionAction<NoBody>("scan", "wheels.view_wheelrepository", WheelActions.ScanAsync)
            .Action<NoBody>(
                "scan_all",
                "wheels.view_wheelrepository",
                WheelActions.ScanAllAsync,
                new ActionOptions { Answers = ActionAnswers.TaskGroup }
            )
            .Action<BlockedOnes>(
                "review",
                "wheels.view_wheelrepository",
                (request, _) => Task.FromResult(ActionAnswer.Body(request.Body)),
                new ActionOptions { Answers = ActionAnswers.Body<BlockedOnes>() }
            )
            .Shows<IReadOnlyList<Guid>>(
                "blocked",
                $"select x.pulp_id as value from wheels_blockedproject x where x.repository_id = m.pulp_id order by x.project",
                "What it doesn't take.",
                references: typeof(BlockedProject)
            );
        plugin.Task<ScanTask>();
        plugin
            .Distribution<WheelDistribution>("wheel")
            .Serves(Served.Versions | Served.Publications)
            .BaseUrl((distribution, server) => $"{server.Origin}{SimpleRoutes.Mount}{distribution.BasePath}/")
            .AnsweredBy<SimpleHandler>();
        plugin.Publication<WheelPublication>("wheel").WrittenBy<WheelPublisher>("wheels.publish");
        plugin.Services.AddSingleton<SimpleRoutes>();
        plugin.Routes(SimpleRoutes.Mount, SimpleRoutes.Options, SimpleRoutes.Map);
        plugin
            .Resource<BlockedProject>("blocked", "blocklist")
            .Below<WheelRepository>(nameof(BlockedProject.Repository));
        plugin.ContentGuard<WheelGuard>("token").AskedBy<WheelGuardCheck>();
        plugin.Routes("/wheels-token", new MountOptions(), WheelTokens.Map);
        plugin.Routes("/wheels-refresh", new MountOptions(), RefreshRoutes.Map);
        plugin.Migrations(new M0001WheelTables());
    }
}
