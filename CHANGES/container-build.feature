Images are built from Containerfiles by buildah or podman (`build_image/`).
