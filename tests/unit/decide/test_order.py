"""Which kinds are written before which."""

import pytest

from yardarm_reconciler.decide.order import stage
from yardarm_reconciler.model.manifest import Key


@pytest.mark.parametrize("policy", ["SecurityPolicy", "RequestAuthentication", "AuthorizationPolicy"])
@pytest.mark.parametrize("route", ["HTTPRoute", "GRPCRoute"])
def test_who_may_use_a_route_is_said_before_it_opens(policy, route):
    """Later stages of a workload do not come where an earlier one fails, so none of these may share one."""
    before, after = (stage(Key("", kind, "nlp", "a")) for kind in (policy, route))

    assert before < stage(Key("apps", "Deployment", "nlp", "a")) < after
