Permissions of the server that roles, conditions and actions name are checked at the start.
