"""Specs in every way that a person may write them: indentation, quotes, comments, line ends, other documents."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

OLD = "registry.example.com/nlp/api:1.4"
OTHER = "registry.example.com/nlp/api:1.3"
NEW = "registry.example.com/nlp/api:1.5@sha256:" + "0a" * 32
BASE = "spec"
"""Written instead of the name of an environment: the image of the spec itself."""

COMMENTS = (
    "# &anchor *alias <<: {image: none}",
    "#no space, and a tab\there",
    "# image: registry.example.com/not/this:1",
    "# --- ... | > ' \" { ] é 漢字",
    "#",
)
BLOCKS = (
    ("run: |", ["serve --port 8080 # not a comment", "", "  image: not/this:1", "exec cat <<EOF"]),
    ("run: >-", ["serve", "--image=not/this:1"]),
    ("run: 'serve'", []),
    ('run: "serve \\', ["--on"]),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A file, which of its documents is the workload, and the environments that it lists."""

    data: bytes
    document: int
    environments: tuple[str, ...]


def written(random: Random) -> Written:
    """A file with a service at random, and perhaps others around it."""
    environments = tuple(random.sample(["dev", "staging", "production", "live"], random.randint(1, 4)))
    workload = _workload(random, environments)
    other = ["kind: Other", "# its own comment", "spec: {image: other:1}"]
    texts = [workload]
    if random.random() < 0.4:
        texts.insert(random.randint(0, 1), other)
    lines = [random.choice(["---", "--- # begins", "---"])] if random.random() < 0.4 else []
    for number, text in enumerate(texts):
        lines += (["---"] if number else []) + _commented(random, text)
    ending = random.choice(["\n", "\n", "\r\n"])
    text = ending.join(lines) + random.choice([ending, ending, "", ending * 3])
    mark = random.choice(["", "", "\ufeff"])
    return Written((mark + text).encode(), texts.index(workload), environments)


def _workload(random: Random, environments: tuple[str, ...]) -> list[str]:
    indent = " " * random.randint(1, 5)
    spec = [
        [_image(random, OLD)],
        ["ports: {http: 8080}"],
        _block(random),
        ["env: {", " A: '1', # of a line", " B: x", "}"] if random.random() < 0.3 else ["env: {A: '1'}"],
    ]
    random.shuffle(spec)
    overrides = _overrides(random, environments)
    spec.insert(random.randint(0, len(spec)), overrides)
    parts = [
        ["apiVersion: yardarm.dev/v1alpha1"],
        ["kind: Service"],
        random.choice([["metadata: {name: api, team: nlp}"], ["metadata:", "  name: api", "  team: nlp"]]),
        [random.choice(["spec:", "spec:  # what it is", '"spec" :'])]
        + [indent + line if line else line for part in spec for line in part],
    ]
    if random.random() < 0.3:
        random.shuffle(parts)
    return [line for part in parts for line in part]


def _overrides(random: Random, environments: tuple[str, ...]) -> list[str]:
    """The environments in block or flow style, some with an image of their own, which is not always the last field."""
    if random.random() < 0.3:
        inside = ", ".join(f"{name}: {_flow(random)}" for name in environments)
        return (
            [f"environments: {{{inside}}}"] if random.random() < 0.5 else ["environments:", f" {{{inside}}}"]
        )
    indent = " " * random.randint(1, 4)
    lines = ["environments:"]
    for name in environments:
        if random.random() < 0.4:
            lines.append(f"{indent}{name}: {_flow(random)}")
            continue
        fields = [["replicas: 2"], _block(random)]
        if random.random() < 0.5:
            fields.append([_image(random, OTHER)])
        random.shuffle(fields)
        lines.append(f"{indent}{name}:")
        lines += [indent + "   " + line if line else line for field in fields for line in field]
    return lines


def _flow(random: Random) -> str:
    quote = random.choice(["", '"', "'"])
    return random.choice(
        ["{}", "{ }", "{replicas: 2}", "{ replicas: 2 , }", f"{{image: {quote}{OTHER}{quote}, replicas: 1}}"]
    )


def _image(random: Random, image: str) -> str:
    quote = random.choice(["", '"', "'"])
    key = random.choice(["image:", "image:  ", "image :", '"image":'])
    return f"{key} {quote}{image}{quote}{random.choice(['', '', '  ', ' # pinned: &x'])}"


def _block(random: Random) -> list[str]:
    head, lines = random.choice(BLOCKS)
    indent = " " * random.randint(1, 3)
    closed = [*lines[:-1], lines[-1] + '"'] if head.endswith("\\") else lines
    return [head, *(indent + line if line else line for line in closed)]


def _commented(random: Random, lines: list[str]) -> list[str]:
    """The same with comments and blank lines where none of them can be part of a text."""
    result: list[str] = []
    for line in lines:
        is_field = ":" in line.partition("#")[0] and not line.strip().startswith(
            ("image: not", "--", "serve", "exec")
        )
        if is_field and not line.startswith((" A", "  A")) and random.random() < 0.2:
            result.append(random.choice(["", " " * random.randint(0, 6) + random.choice(COMMENTS)]))
        result.append(line)
    return result
