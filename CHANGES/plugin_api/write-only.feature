`[Field(WriteOnly = true)]`: accepted, never shown, stored as the kind's rules say.
