The log has one line for each API request (`REQUEST_LOG`), tells the start and end of each task, carries the correlation id in every line, and comes as JSON with `LOG_FORMAT=json`.
