Caches of registries list the tags and referrers that upstream has, and `copy_tags` takes along what refers to an image.
