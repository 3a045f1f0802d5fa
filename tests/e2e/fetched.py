"""A model service whose model is fetched into a shared cache."""

from __future__ import annotations

from tests.controlplane.client import Object
from tests.controlplane.configuration import STAGE_LABEL
from tests.e2e.harness import Site

FETCHER: Object = {
    "image": "registry.example.com/tools/s3:1",
    "run": 'copy "$YARDARM_URI" "$YARDARM_TARGET"',
    "egress": [{"cidr": "203.0.113.0/24", "ports": [443]}],
    "resources": {"cpu": "10m", "memory": "16Mi"},
}
CACHE: Object = {
    "apiVersion": "yardarm.dev/v1alpha1",
    "kind": "CacheClass",
    "metadata": {"name": "shared"},
    "spec": {"keeps": "shared", "size": "1Gi", "fetchers": {"s3": FETCHER}},
}


def commit_model(site: Site, path: str, stage: str = "keep-running") -> None:
    """Commit a service of a model of this path; its fetch does not end by itself."""
    write_model(site, path, stage)
    site.commit()


def write_model(site: Site, path: str, stage: str = "") -> None:
    """Write a service of a model of this path; its fetch ends by itself unless a stage says otherwise."""
    site.platform["more"] = {"platform/cache.yaml": CACHE}
    site.platform["environment"] = {"caches": {"shared": {}}}
    spec = {"runtime": "custom", "ports": {"http": 8080}, "health": {"path": "/health"}}
    model = {"uri": f"s3://models/{path}", "cache": "shared"}
    labels = {STAGE_LABEL: stage} if stage else {}
    site.write(site.document("ModelService", "llama", {**spec, "model": model, "labels": labels}))
