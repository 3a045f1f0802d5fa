"""Where the control plane's binaries are taken from. Nothing is compiled here."""

import pytest

from tests.controlplane import build
from tests.controlplane.cache import cache_folder
from tests.controlplane.toolchain import GoError
from tests.controlplane.versions import PROGRAMS, cache_key, linker_flags


@pytest.fixture
def complete(tmp_path):
    """A folder with every program and kwok's stages."""
    (tmp_path / "stages").mkdir()
    for name in PROGRAMS:
        (tmp_path / name).touch(mode=0o755)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_binaries_of_the_machine(monkeypatch, tmp_path):
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_complete_assets_folder_wins(monkeypatch, complete):
    """KUBEBUILDER_ASSETS is taken before cache and build if it holds all that is needed."""
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(complete))

    found = build.assets()

    assert found.programs == {name: complete / name for name in PROGRAMS}
    assert found.stages == complete / "stages"


def test_one_program_may_be_replaced(monkeypatch, complete, tmp_path):
    """TEST_ASSET_<NAME> names one file, and the rest comes from the folder."""
    own = tmp_path / "my-apiserver"
    own.touch(mode=0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(complete))
    monkeypatch.setenv("TEST_ASSET_KUBE_APISERVER", str(own))

    found = build.assets()

    assert (found.programs["kube-apiserver"], found.programs["etcd"]) == (own, complete / "etcd")


def test_an_incomplete_assets_folder_is_passed_over_aloud(monkeypatch, complete, capsys):
    """What envtest downloads has no scheduler: the cache is used, and what was missing is said."""
    (complete / "kube-scheduler").unlink()
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(complete))
    cached = cache_folder() / cache_key()
    cached.mkdir(parents=True)

    assert build.assets().stages == cached / "stages"
    assert "they lack kube-scheduler" in capsys.readouterr().err


def test_a_half_built_folder_is_never_seen(monkeypatch):
    """A build that fails leaves nothing behind that a later run could take for binaries."""

    def fails(*_):
        raise GoError("no")

    monkeypatch.setattr(build, "find_go", lambda *_: "go")
    monkeypatch.setattr(build, "_compile", fails)
    with pytest.raises(GoError):
        build.assets()

    assert [each.name for each in cache_folder().iterdir()] == [f"{cache_key()}.lock"]


def test_both_version_packages_are_stamped():
    """The server's version comes from one package and the clients' from another."""
    flags = linker_flags()

    assert "k8s.io/component-base/version.gitVersion=v1.37.2" in flags
    assert "k8s.io/client-go/pkg/version.gitVersion=v1.37.2" in flags
