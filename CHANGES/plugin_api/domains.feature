Tables carry the domain of their rows, and unique rules are named indexes within it; `ColumnBuilder.Unique` became `TableBuilder.Unique` and `UniqueInDomain`.
