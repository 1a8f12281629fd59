A blob that is pushed in pieces, as docker, podman and skopeo do, costs two commits instead of four.
