`IAccess.MayCreateAsync` asks the policy in force whether somebody may create a resource, and `AccessQuestion.Domain` tells conditions which domain they are asked in.
