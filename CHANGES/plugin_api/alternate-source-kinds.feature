Kinds of alternate content source take what every kind takes: permissions, a policy, members, filters, rules and actions.
