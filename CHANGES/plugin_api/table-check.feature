A server does not start with a plugin whose tables lack a column, or the unique index that `[Unique]` names: the message names it.
