`IVersionDraft.AddAtEnd` and `ExecuteAtEndAsync` add units and run a statement together with what completes the version, which saves their round trips while others wait for the repository.
