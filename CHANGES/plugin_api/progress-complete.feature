`IProgressReport.Complete()` says that all of it is done; a report without it ends as its task does.
