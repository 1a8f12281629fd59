`IDistributionKind.Serves` says what a kind serves, versions, publications or both, and `BaseUrl` what `base_url` shows.
