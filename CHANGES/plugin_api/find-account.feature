`IAccess.FindAsync` finds an active account by its name, for credentials of the plugin's own.
