Domains (`/domains/`): created, changed, labelled and removed; their storage is a directory of their own.
