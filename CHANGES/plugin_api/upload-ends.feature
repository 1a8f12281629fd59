`IStagedUploads.TakeAsync` and `EndAsync` store an upload with its unit in one transaction; `AppendAsync` with an owner begins an upload with its first piece.
