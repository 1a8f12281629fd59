Container images: blobs, manifests, tags and signatures as content, repositories, remotes, namespaces and distributions of images.
