Pages far behind in long lists, such as `tasks/?state__in=completed,failed&offset=200000`, are found by their keys: 0.1 s among 450,000 tasks on SQLite, where it was 3 to 7.
