"""A Kubernetes API server as a cluster: server-side apply with identity preconditions, over our own transport."""
