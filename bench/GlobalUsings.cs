global using Pulp.PluginSdk.Testing;
global using Pulp.Testing;
