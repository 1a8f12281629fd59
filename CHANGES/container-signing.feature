Images are signed by signing services (`sign/`, `manifest_signing_service`), and podman and skopeo push and pull simple signatures through the registry.
