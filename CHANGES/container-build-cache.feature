Caches of builds that BuildKit pushes (`--cache-to type=registry`) are taken: indexes that list layers instead of manifests.
