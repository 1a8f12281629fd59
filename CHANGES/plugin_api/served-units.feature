`IServedDistribution.ContentAsync` reads the units of the version that is served, in handlers and routes.
