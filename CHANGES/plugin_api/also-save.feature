`AlsoSave` of a kind stores more rows of the plugin's own in the transaction that creates or changes a resource.
