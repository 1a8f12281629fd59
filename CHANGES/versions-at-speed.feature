On PostgreSQL versions of a repository are made while earlier ones are being written to disk, which one flush does for all that wait.
