`ContentAnswer.Upstream` fetches a file from a remote while it is sent, stores its unit and adds it to a repository.
