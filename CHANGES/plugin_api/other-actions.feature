`IAccess.MayAsync` and `GuardedRequest.MayAsync` ask the policy in force about a kind's `OtherActions`.
