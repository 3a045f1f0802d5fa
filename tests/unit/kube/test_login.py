"""Credentials: what a kubeconfig asks for, and what is told of one that cannot be used."""

import pytest
import yaml

from yardarm_reconciler.kube.login import in_cluster, kubeconfig, risks
from yardarm_reconciler.model.origin import UserError


def written(folder, *, user=None, cluster=None):
    """A kubeconfig with one context."""
    content = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://127.0.0.1:1"} | (cluster or {})}],
        "users": [{"name": "u", "user": {"token": "t"} | (user or {})}],
    }
    path = folder / "config"
    path.write_text(yaml.safe_dump(content))
    return path


def test_a_context_gives_server_and_token(tmp_path):
    """What to talk to, and what to call ourselves."""
    session = kubeconfig(written(tmp_path), "c")()
    assert (session.url, session.bearer()) == ("https://127.0.0.1:1", "Bearer t")
    session.pool.clear()


def test_a_harmless_context_has_no_risks(tmp_path):
    """A token and a server."""
    assert risks(written(tmp_path), None) == ()


@pytest.mark.parametrize(
    ("user", "cluster", "found"),
    [
        ({"exec": {"command": "x"}}, None, "exec"),
        ({"auth-provider": {"name": "x"}}, None, "auth-provider"),
        ({"as": "admin"}, None, "as"),
        (None, {"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify"),
        (None, {"proxy-url": "http://x"}, "proxy-url"),
    ],
)
def test_each_risk_is_named(tmp_path, user, cluster, found):
    """By the key that a person finds in the file."""
    assert risks(written(tmp_path, user=user, cluster=cluster), "c") == (found,)


@pytest.mark.parametrize(
    "text", ["", "- hunter2", "{", "token: hunter2", "contexts: hunter2\ncurrent-context: x"]
)
def test_of_a_broken_file_nothing_is_repeated(tmp_path, text):
    """It is named; what it holds may be a secret."""
    path = tmp_path / "config"
    path.write_text(text)
    for use in (kubeconfig(path, None), lambda: risks(path, None)):
        with pytest.raises(UserError) as caught:
            use()
        assert str(path) in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_a_context_that_is_not_there_is_named(tmp_path):
    """The user's error, with the name that was asked for."""
    with pytest.raises(UserError, match="'prod'"):
        kubeconfig(written(tmp_path), "prod")()


def test_outside_of_a_pod_there_is_no_service_account(monkeypatch):
    """It is told so."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(UserError, match="not in a pod"):
        in_cluster()()
