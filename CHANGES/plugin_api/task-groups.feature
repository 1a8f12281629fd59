`ITaskDispatcher.SendGroupAsync` makes groups of tasks.
