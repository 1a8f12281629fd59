`Caller.MayOnlyRead` says that somebody signed in by a token that changes nothing.
