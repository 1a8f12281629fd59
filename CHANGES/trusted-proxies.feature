Proxies on other machines are believed when `TRUSTED_PROXIES` names them; a child of a task that ran at once keeps the correlation id and the user.
