`Served.NamedPublications` serves a publication only where one is named.
