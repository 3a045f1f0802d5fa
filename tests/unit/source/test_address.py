"""Which URLs and refs are let through."""

import pytest

from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.source.address import RefKind, address, ref


@pytest.mark.parametrize(
    ("text", "url", "server"),
    [
        (
            "https://git.example.com/ai/models.git",
            "https://git.example.com/ai/models.git",
            "https://git.example.com/",
        ),
        ("HTTPS://Git.Example.com:8443/m", "https://git.example.com:8443/m", "https://git.example.com:8443/"),
        ("https://[::1]:8443/m.git", "https://[::1]:8443/m.git", "https://[::1]:8443/"),
        ("ssh://git@example.com:2222/m.git", "ssh://git@example.com:2222/m.git", "ssh://example.com:2222/"),
        ("ssh://example.com/~ada/m", "ssh://example.com/~ada/m", "ssh://example.com/"),
        ("git@github.com:org/m.git", "git@github.com:org/m.git", "ssh://github.com/"),
        (
            "https://dev.azure.com/org/my%20project/_git/m",
            "https://dev.azure.com/org/my%20project/_git/m",
            "https://dev.azure.com/",
        ),
    ],
)
def test_urls_are_put_together_again(text, url, server):
    """What is understood comes back in one form, with the server that a credential is bound to."""
    made = address(text)
    assert (made.url, made.server) == (url, server)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/srv/models.git",
        "../models",
        "C:\\models",
        "file:///srv/models.git",
        "FILE:///srv/models.git",
        "ext::sh -c id",
        "EXT::sh",
        "fd::17",
        "https::https://example.com/m",
        "git://example.com/m",
        "http://example.com/m",
        "http://127.0.0.1/m",
        "ftp://example.com/m",
        "-uhttps://example.com/m",
        "--upload-pack=id",
        "ssh://-oProxyCommand=id/m",
        "ssh://-oProxyCommand=id@example.com/m",
        "ssh://%2doProxyCommand=id/m",
        "ssh://git@-oProxyCommand=id:22/m",
        "-oProxyCommand=id@example.com:m",
        "git@-oProxyCommand=id:m",
        "git@example.com:-m",
        "ssh://git:secret@example.com/m",
        "https://me@example.com/m",
        "https://me:secret@example.com/m",
        "https://:@example.com/m",
        "https://example.com",
        "https://example.com/",
        "https:///m",
        "https://example.com/m?x=1",
        "https://example.com/m#x",
        "https://example.com/m?",
        "https://example.com:99999/m",
        "https://example.com:x/m",
        "https://exa_mple.com/m",
        "https://example.com/m\n",
        "https://example.com/m m",
        "https://example.com\\@evil.example/m",
        "https://ex\u0430mple.com/m",
        "https://[::1%25eth0]/m",
        "https://[::g]/m",
    ],
)
def test_everything_else_is_refused(text):
    """Helpers, options, local files, plain http and credentials in URLs are refused, and never repeated."""
    with pytest.raises(UserError) as error:
        address(text)
    assert [d.code.name for d in error.value.diagnostics] == ["git/url-refused"]
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
def test_plain_http_only_where_allowed_and_local(host):
    """Plain http reaches this machine only, and only where the caller says so."""
    assert address(f"http://{host}/m", loopback_http=True).scheme == "http"
    with pytest.raises(UserError):
        address("http://example.com/m", loopback_http=True)


@pytest.mark.parametrize("name", ["main", "feature/x", "release-1.2", "v1", "\u00fc", "a@b", "@/x"])
def test_good_ref_names(name):
    """Names that git accepts are names."""
    assert ref(RefKind.BRANCH, name).full == f"refs/heads/{name}"
    assert ref(RefKind.TAG, name).full == f"refs/tags/{name}"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "-x",
            "a..b",
            "a b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "a\\b",
            "a.lock",
            "a.lock/b",
            ".a",
            "a/.b",
        ),
        *("a.", "a/", "/a", "a//b", "a@{1}", "@", "a\x7f", "a\n", "x" * 245, chr(0xD800)),
    ],
)
def test_bad_ref_names(name):
    """What git-check-ref-format refuses, and what begins like an option, is refused."""
    with pytest.raises(UserError) as error:
        ref(RefKind.BRANCH, name)
    assert [d.code.name for d in error.value.diagnostics] == ["git/ref-name"]


@pytest.mark.parametrize(
    ("name", "good"), [("a" * 40, True), ("0" * 64, True), ("a" * 7, False), ("A" * 40, False)]
)
def test_commits_are_named_in_full(name, good):
    """A short or capital id is refused: it could come to mean another commit."""
    if good:
        assert ref(RefKind.COMMIT, name).full == name
    else:
        with pytest.raises(UserError):
            ref(RefKind.COMMIT, name)
