`IContents.SaveAsync` stores units' `Followers` and does what the plugin wants done in the same transaction.
