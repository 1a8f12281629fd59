Uploads into a repository and `modify` make their version in one transaction, with a third of the round trips.
