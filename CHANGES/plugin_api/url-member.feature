`BaseUrl` of a distribution takes the name of the member that says it.
