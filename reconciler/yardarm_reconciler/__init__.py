"""Yardarm: from a git commit of workload specs to the objects of a cluster, and staying there."""

__version__ = "0.1.0"
