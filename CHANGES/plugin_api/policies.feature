`Permissions`, `Access`, `VersionAccess` and `Role` declare permissions, the policies' deviations from the standard, and roles.
