`IStagedUploads.BeginAsync` takes an id that the plugin gave out before anything came; `ISecrets.Mac` makes codes that nobody else can make.
