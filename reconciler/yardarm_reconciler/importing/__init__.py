"""Manifests of Kubernetes made into specs, with a proof: the spec is rendered and compared with what it came from."""
