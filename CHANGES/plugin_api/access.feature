`IAccess` says who asks, signs users in and answers what they may do and see; `ISecrets<TPlugin>` seals secrets of a plugin's own.
