`IPluginBuilder.Routes` takes `MountOptions`: roles, callers, error body, challenge and the largest request. Routes can be carried by processes with the role `content` alone.
