`Resource<T>` declares kinds of resource that belong to none of the families, also below another's href; `CreateResourceTable` makes their tables.
