"""A real Kubernetes control plane on 127.0.0.1, for tests, the demo and benchmarks.

etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok are built
from their Go modules, cached, and run as plain processes: no Docker, no root, no
network once built. `python -m tests.controlplane` starts one for people;
`fixtures` gives it to pytest.
"""
