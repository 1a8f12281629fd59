`ContentAnswer` has `Remember`, `VariesBy`, `Headers` and `ETag`, and there are `ContentAnswer.Unit` and `ContentAnswer.Missing`.
