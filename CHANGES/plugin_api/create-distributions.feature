A plugin's request can create distributions by `IResources.CreateAsync`.
