Users of an LDAP directory sign in with the passwords that it has (`LDAP`).
