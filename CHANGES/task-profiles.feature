`X-Task-Diagnostics` records the memory, processor samples and log of a task, where `TASK_DIAGNOSTICS` allows it; signed links to them are at `profile_artifacts/`.
