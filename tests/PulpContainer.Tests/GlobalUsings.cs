global using System.Text;
global using System.Text.Json.Nodes;
global using NUnit.Framework;
global using Pulp.PluginSdk.Testing;
global using Pulp.Testing;

[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(3)]
[assembly: FixtureLifeCycle(LifeCycle.SingleInstance)]
