The first push to a name makes its namespace, repository and distribution in one transaction of the request; there is no task for it, unless others change distributions at that moment.
