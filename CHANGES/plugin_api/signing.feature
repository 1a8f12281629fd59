`IPluginBuilder.SigningClass` declares what is asked of scripts that sign, `ISigningServices` has files signed by a `SigningService`, and `ChildProcess` runs programs with limits.
