Links that a `content_redirect` guard takes are signed by the API (`sign/` of the guard, for up to seven days).
