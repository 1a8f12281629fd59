`IDb.InsertManyAsync` answers how many rows it inserted.
