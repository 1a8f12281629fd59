`TakesBack` of a kind documents that requests may carry a shown member, and `DeletedByTasks` has resources of a kind of the plugin's own deleted by tasks.
