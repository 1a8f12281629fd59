`IResources` finds and creates resources of all kinds; `ITaskDispatcher` syncs and publishes by kind, tells a task's href and waits for its end.
