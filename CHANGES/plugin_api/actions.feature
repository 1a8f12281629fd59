`Action`, `KindAction` and `VersionAction` declare operations of a plugin's own on resources, kinds and repository versions.
