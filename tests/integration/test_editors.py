"""What people see while they type: a new repository, its settings for editors, and the real YAML language server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.editors import server
from tests.editors.lsp import Editor, Problem
from tests.unit.schema.documents import document
from yardarm_reconciler import scaffold
from yardarm_schema.kinds import DOCUMENTS
from yardarm_schema.reference import example

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # the first of them installs the server
]

CHECKOUT = Path(__file__).parents[2]
WRONG = CHECKOUT / "tests" / "cases" / "wrong"
SEEN = re.compile(
    r"(?P<path>\S+):(?P<line>\d+):(?P<column>\d+) "
    r"(field/(unknown|type|invalid|missing|exclusive)|name/invalid|document/\S+|yaml/(tab|duplicate-key)):"
)
"""Lines of expected.txt whose code a schema can know."""

UNSEEN = {
    "a-sidecar-without-memory",  # what it needs depends on the devices beside it
    "null-is-for-overrides",  # the key is underlined here, the value there
}

CHAT = """\
apiVersion: yardarm.dev/v1alpha1
kind: ModelService
metadata: {name: chat, team: nlp}
spec:
  runtime: vllm
  model: {uri: "hf://Qwen/Qwen3-8B@b968826d9c46dd6066d109eabc6255188de91218"}
  accelerator: l4-24gb
  resources: {cpu: 1, memory: 4Gi}
  scaling: {min: 1, max: 3, metric: queueDepth, target: 5}
  environments:
    dev: {}
    production:
      shutdown: {grace: 2m}
"""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor in a repository as `yardarm init` makes it, with the settings that it brings."""
    folder = tmp_path_factory.mktemp("editors") / "models"
    for path, content in scaffold.repository(">=0.1").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    with Editor(server.command(), folder, settings(folder)) as opened:
        yield opened


def settings(folder: Path) -> Mapping[str, object]:
    """What VS Code would tell the server; the catalogue of schemas on the web is no part of this."""
    flat = json.loads((folder / ".vscode" / "settings.json").read_text())
    return {"yaml": {"schemas": flat["yaml.schemas"], "validate": True, "schemaStore": {"enable": False}}}


def test_nothing_is_underlined_in_examples(editor: Editor):
    """All examples, a short spec of each kind, and a new repository with all its short forms are taken as they are."""
    files = {
        f"workloads/{path.relative_to(CHECKOUT)}": path.read_text(encoding="utf-8")
        for path in (*CHECKOUT.glob("examples/*/*.yaml"), *CHECKOUT.glob("environments/**/*.yaml"))
    }
    specs = {path: text for path, text in files.items() if re.search("^apiVersion: yardarm.dev/", text)}
    specs |= {f"workloads/{kind}.yaml": example(kind) for kind in DOCUMENTS}
    specs |= {f"workloads/rich/{kind}.yaml": yaml.safe_dump(document(kind)) for kind in DOCUMENTS}
    made = scaffold.repository(">=0.1").items()
    specs |= {path: content.decode() for path, content in made if scaffold.is_spec(path)}

    found = editor.problems(specs)

    assert len(specs) > 60
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_what_validate_finds_is_underlined_at_the_same_place(editor: Editor):
    """Where a schema can know of a mistake: same line, same column."""
    expected, files = set(), {}
    for folder in sorted(set(WRONG.iterdir()) - {WRONG / name for name in UNSEEN}):
        for line in (folder / "expected.txt").read_text().splitlines() if folder.name != "_platform" else ():
            if place := SEEN.match(line):
                path = f"workloads/{folder.name}/{place['path']}"
                files[path] = (folder / place["path"]).read_text()
                expected.add((path, int(place["line"]), int(place["column"])))

    found = editor.problems(files)

    assert len(expected) > 20
    places = {(path, each.line, each.column) for path, problems in found.items() for each in problems}
    assert expected - places == set()


@pytest.mark.parametrize(
    ("right", "wrong", "underlined", "says"),
    [
        ("accelerator:", "acelerator:", "acelerator", "Property acelerator is not allowed."),
        ("memory: 4Gi", "memory: 4GB", "4GB", "It must be a number of bytes above zero, such as 512Mi"),
        ("queueDepth", "queuDepth", "queuDepth", 'Valid values: "cpu", "memory", "queueDepth"'),
        ("max: 3", "max: many", "many", 'Expected "integer"'),
        ("max: 3, ", "", "scaling", 'Missing property "max"'),
        ("l4-24gb", "{class: l4-24gb, cuont: 2}", "cuont", "Property cuont is not allowed."),
        ("l4-24gb", "{class: l4-24gb, count: 0}", "0", "below the minimum of 1"),
        ("  runtime: vllm\n", "", "spec", 'Missing property "runtime"'),
        ("  scaling:", "  replicas: 2\n  scaling:", "scaling", "replicas and scaling exclude each other"),
        ("grace: 2m", "grace: 2 min", "2 min", "It must be a duration with its unit"),
        ("shutdown:", "shutdwon:", "shutdwon", "Property shutdwon is not allowed."),
    ],
)
def test_a_mistake_is_underlined_and_nothing_else(editor: Editor, right, wrong, underlined, says):
    """Exactly the word that is wrong, in a sentence that says what would be right."""
    assert right in CHAT
    (problem,) = editor.problems({"workloads/ml/chat.yaml": CHAT.replace(right, wrong, 1)})[
        "workloads/ml/chat.yaml"
    ]
    assert problem.underlined == underlined
    assert says in problem.says


@pytest.mark.parametrize(
    ("before", "offers"),
    [
        ("¦", {"apiVersion", "kind"}),
        ("kind: ¦", set(DOCUMENTS)),
        ("kind: BatchJob\nspec:\n  ¦", {"image", "shards", "accelerator", "environments"}),
        ("kind: BatchJob\nspec:\n  isolation: ¦", {"container", "vm", "gvisor", "confidential"}),
        ("kind: ModelService\nspec:\n  scaling:\n    metric: ¦", {"cpu", "queueDepth", "kvCache"}),
        ("kind: ModelService\nspec:\n  environments:\n    dev:\n      ¦", {"replicas", "accelerator"}),
        ("kind: Environment\nspec:\n  ¦", {"cluster", "accelerators", "capabilities"}),
    ],
)
def test_what_may_follow_is_offered(editor: Editor, before, offers):
    """Kinds, fields and words, each with what it is for."""
    offered = editor.completions("workloads/ml/new.yaml", f"apiVersion: yardarm.dev/v1alpha1\n{before}")
    if before == "¦":
        offered = editor.completions("workloads/ml/new.yaml", before)

    assert offers - offered.keys() == set()
    if "spec" in before and not before.endswith(": ¦"):
        assert [name for name in offers if not offered[name]] == []


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("ModelService", "`Service`: A long-running server"),
        ("accelerator", "Devices for each pod"),
        ("l4-24gb", "h100-80gb:2"),
        ("memory", "Memory to reserve, and the most it may use."),
        ("queueDepth", "`kvCache`"),
        ("production", "What is different there"),
        ("shutdown", "How a pod ends."),
        ("grace", "such as 60s"),
    ],
)
def test_a_word_says_what_it_is_for(editor: Editor, word, says):
    """At a field and at its value, in the spec and in what an environment has different."""
    assert says in editor.hover("workloads/ml/chat.yaml", CHAT, word)


def test_a_file_may_name_its_schema(editor: Editor):
    """A line in a file outside the folders of the settings does it, by a path beside the file."""
    modeline = "# yaml-language-server: $schema=../.vscode/yardarm.schema.json\n"
    text = CHAT.replace("scaling", "scalling", 1)

    found = editor.problems({"drafts/a.yaml": text, "drafts/b.yaml": modeline + text})

    expected = Problem(10, 3, "scalling", "Property scalling is not allowed.")
    assert found == {"drafts/a.yaml": [], "drafts/b.yaml": [expected]}
