First plugin SDK: content, remotes, repositories, publications, distributions, alternate content sources, sync plans, publishers, content handlers, tasks, settings, routes and migrations.
