Indexes with a remote answer pages and metadata that were asked for before from memory: neither the repository's rules and block list nor the remote are read for each request.
