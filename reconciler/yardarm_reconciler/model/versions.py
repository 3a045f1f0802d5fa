"""Versions of objects, as a cluster counts them."""

from __future__ import annotations


def older(version: str, than: str) -> bool:
    """Whether one resourceVersion comes before another; False where they cannot be compared.

    Of built-in kinds and custom resources they are numbers that grow:
    https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/5504-comparable-resource-version
    """
    return version.isdecimal() and than.isdecimal() and int(version) < int(than)
