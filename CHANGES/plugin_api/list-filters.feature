`Filter<IReadOnlyList<string>>` declares a filter that takes a list.
