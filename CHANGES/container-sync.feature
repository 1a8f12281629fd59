Repositories of images sync from any registry: by tags, patterns and digests, for all machines, with signatures, SBOMs and other referrers, on demand or at once.
