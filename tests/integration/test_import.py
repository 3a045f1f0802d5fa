"""`yardarm import` as its users call it: files, directories and standard input, and how it ends."""

from pathlib import Path

from click.testing import CliRunner

from tests.editing import run
from tests.invoking import invoke
from yardarm_reconciler.cli.entry import program

CASES = Path(__file__).parents[1] / "cases" / "import"
WEB = CASES / "a-web-server-behind-a-service-is-said-with-fields-alone" / "manifests.yaml"
SECRETS = CASES / "a-value-that-looks-like-a-secret-is-left-out-and-never-shown" / "manifests.yaml"


def test_a_proven_import_ends_with_0_and_its_spec_is_alone_on_standard_output(tmp_path):
    """The team is that of the namespace; a directory is read with all below it, in order."""
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "web.yml").write_bytes(WEB.read_bytes())
    (tmp_path / "notes.txt").write_text("no manifest")

    code, done = invoke("import", "-f", str(tmp_path))

    assert code == 0, done.stderr
    assert "metadata:\n  name: web\n  labels:\n    app: web\n  team: shop\n" in done.stdout
    assert done.stdout.endswith("environments:\n    dev: {}\n")
    assert "Service/shop/web is made of Deployment/web, Service/web" in done.stderr


def test_standard_input_is_read_and_what_is_left_out_ends_with_1():
    """No secret is on either stream, whatever is asked for besides."""
    done = CliRunner().invoke(
        program, ["import", "-f", "-", "--name", "b"], standalone_mode=False, input=SECRETS.read_bytes()
    )

    assert done.return_value == 1
    assert "name: b\n" in done.stdout
    for secret in ("hunter2", "xoxb", "sk-proj", "s3cr3t"):
        assert secret not in done.stdout + done.stderr


def test_what_cannot_be_meant_ends_with_2(tmp_path):
    """No team, a name for several, a name that is none, nothing in the files, no YAML."""
    nothing, broken, nobody = tmp_path / "nothing.yaml", tmp_path / "broken.yaml", tmp_path / "nobody.yaml"
    nothing.write_text("---\n")
    broken.write_text("a: [")
    nobody.write_text(WEB.read_text().replace("namespace: shop", "namespace: default"))

    for arguments in (
        ("-f", str(nobody)),
        ("-f", str(WEB), "-f", str(CASES / "a-worker-without-ports-gets-no-service"), "--name", "a"),
        ("-f", str(WEB), "--name", "A"),
        ("-f", str(nothing), "--team", "a"),
        ("-f", str(broken), "--team", "a"),
    ):
        assert invoke("import", *arguments)[0] == 2, arguments


def test_an_import_can_be_proven_in_the_repository_that_it_is_for(tmp_path):
    """By its environment's classes and rules; a team, an environment or a class that it does not have ends with 2."""
    root = tmp_path / "config"
    assert invoke("init", str(root))[0] == 0
    here = ("-C", str(root), "-e", "dev", "--team", "ml")
    gpu = CASES / "a-vllm-server-with-a-gpu-names-the-class-that-it-needs" / "manifests.yaml"
    other = CASES / "a-gpu-plugin-on-each-node-needs-to-know-how-many-there-are" / "manifests.yaml"

    code, done = invoke("import", "-f", str(WEB), *here)
    bound, of_devices = invoke("import", "-f", str(gpu), *here, "--accelerator", "l4-24gb")

    assert code == 0, done.stderr
    assert bound == 0, of_devices.stderr
    assert "what the environment says of their class" in of_devices.stderr
    assert invoke("import", "-f", str(other), *here)[0] == 2
    assert invoke("import", "-f", str(WEB), "-C", str(root), "-e", "prod", "--team", "ml")[0] == 2
    assert invoke("import", "-f", str(WEB), "-C", str(root), "-e", "dev", "--team", "nobody")[0] == 2


def test_the_spec_is_valid_where_its_team_and_environment_are(tmp_path):
    """What is printed can be written into a repository as it is."""
    root = tmp_path / "config"
    assert invoke("init", str(root))[0] == 0
    _, done = invoke("import", "-f", str(WEB), "--team", "ml", "-e", "dev")
    (root / "workloads" / "ml" / "web.yaml").write_text(done.stdout)

    code, checked = run(root, "validate")

    assert code == 0, checked.stdout + checked.stderr
