`IStagedUploads.ForgetEmptyAsync` ends an upload that nothing came for in the transaction that stores what came at once.
