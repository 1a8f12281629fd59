`IRequestDomain` tells a route or task its domain, and turns base paths into the paths that clients know and back; `IServed.PathsAsync` tells those of distributions.
