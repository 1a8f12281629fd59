A page of a list brings its count along: one statement less for each list, which gives half as many lists again on PostgreSQL.
