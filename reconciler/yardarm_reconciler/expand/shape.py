"""Whether an object that a person wrote or patched has the shape that its checks rely on.

The API server says the rest; here only what is read must be what it seems, so that no check can be led astray.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.walker import MALFORMED, templates
from yardarm_schema.units import parse_quantity


class _Shape(BaseModel):
    """A map of which only some fields are read."""

    model_config = ConfigDict(extra="allow", strict=True, hide_input_in_errors=True, defer_build=True)


def _quantity(value: str | float) -> str | int | float:
    parse_quantity(str(value))
    return value


_Amounts = Mapping[str, Annotated[str | int | float, AfterValidator(_quantity)]] | None
_Maps = list[dict[str, Any]] | None


class _Named(_Shape):
    name: str


class _Resources(_Shape):
    limits: _Amounts = None
    requests: _Amounts = None
    claims: _Maps = None


class _Capabilities(_Shape):
    add: list[str] | None = None
    drop: list[str] | None = None


class _Security(_Shape):
    capabilities: _Capabilities | None = None
    se_linux_options: Annotated[dict[str, Any] | None, Field(alias="seLinuxOptions")] = None
    app_armor_profile: Annotated[dict[str, Any] | None, Field(alias="appArmorProfile")] = None
    seccomp_profile: Annotated[dict[str, Any] | None, Field(alias="seccompProfile")] = None
    windows_options: Annotated[dict[str, Any] | None, Field(alias="windowsOptions")] = None
    sysctls: _Maps = None


class _Probe(_Shape):
    http_get: Annotated[dict[str, Any] | None, Field(alias="httpGet")] = None
    tcp_socket: Annotated[dict[str, Any] | None, Field(alias="tcpSocket")] = None


class _Lifecycle(_Shape):
    pre_stop: Annotated[_Probe | None, Field(alias="preStop")] = None
    post_start: Annotated[_Probe | None, Field(alias="postStart")] = None


class _Port(_Shape):
    container_port: Annotated[int, Field(alias="containerPort")]
    protocol: str = "TCP"


class _Container(_Named):
    env: list[_Named] | None = None
    ports: list[_Port] | None = None
    resources: _Resources | None = None
    security_context: Annotated[_Security | None, Field(alias="securityContext")] = None
    lifecycle: _Lifecycle | None = None
    liveness: Annotated[_Probe | None, Field(alias="livenessProbe")] = None
    readiness: Annotated[_Probe | None, Field(alias="readinessProbe")] = None
    startup: Annotated[_Probe | None, Field(alias="startupProbe")] = None


class _Affinity(_Shape):
    node_affinity: Annotated[dict[str, Any] | None, Field(alias="nodeAffinity")] = None


class _Pod(_Shape):
    containers: list[_Container]
    init_containers: Annotated[list[_Container] | None, Field(alias="initContainers")] = None
    ephemeral_containers: Annotated[list[_Container] | None, Field(alias="ephemeralContainers")] = None
    volumes: list[_Named] | None = None
    resource_claims: Annotated[_Maps, Field(alias="resourceClaims")] = None
    security_context: Annotated[_Security | None, Field(alias="securityContext")] = None
    node_selector: Annotated[dict[str, str] | None, Field(alias="nodeSelector")] = None
    affinity: _Affinity | None = None


class _Metadata(_Shape):
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


def problem(body: Mapping[str, Any], declared: Declared) -> str:
    """What is not of the shape that checks rely on, or an empty text."""
    try:
        found = templates(body, declared)
        negative = any(template.pods < 0 for template in found)
    except MALFORMED:
        return "its pods cannot be found where its kind has them"
    if negative:
        return "it has less than no pods"
    for template in found:
        wrong = _wrong(_Metadata, template.metadata) or _wrong(_Pod, template.spec)
        if wrong:
            return ".".join(map(str, template.path)) + wrong
    return ""


def _wrong(model: type[_Shape], value: object) -> str:
    """The first place that is wrong, never its value."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        return f"{place}: {first['msg']}"
    return ""
