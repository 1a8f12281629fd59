Syncs of images bring simple signatures along, from registries that have them and from a remote's `sigstore`.
