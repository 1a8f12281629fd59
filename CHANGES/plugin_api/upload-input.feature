`FromFile<TInput>` takes fields of the request that aren't the unit's own; `UploadedFile` says its name and who sent it, and `DeclaredContent.Followers` are units that come with an upload.
