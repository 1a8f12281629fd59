`IResources.CreateAllAsync` creates several resources in one transaction; a distribution that a plugin creates needs no task any more, unless others change distributions at that moment.
