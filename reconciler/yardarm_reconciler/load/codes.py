"""Everything that can be wrong with a file before anybody asks what it means."""

from __future__ import annotations

from yardarm_reconciler.model.origin import Code, Severity

ENCODING = Code(
    "yaml/encoding",
    title="The file is not UTF-8 text",
    why="Everybody who reads a spec must read the same text; YAML allows UTF-16, and tools that guess differ.",
    bad='note: "\\ud83d"',
    good='note: "\\U0001F600"',
)
CONTROL = Code(
    "yaml/control",
    title="There is a control character in the text",
    why="Control characters hide text in terminals and reviews, and no API server accepts them.",
    bad='message: "\\x1b[2J"',
    good="message: plain text",
)
BIDI = Code(
    "yaml/bidi",
    title="There is an invisible or direction-changing character in the text",
    why="It makes a line look different in review from what it means (https://trojansource.codes).",
    bad="name: gpu\\u200b",
    good="name: gpu",
)
NUMBER = Code(
    "yaml/number",
    title="This number cannot be represented",
    why="Numbers must survive JSON: finite, and integers within 64 bits.",
    bad="revision: 9e10000",
    good='revision: "9e10000"',
)
AMBIGUOUS = Code(
    "yaml/ambiguous",
    title="Other tools read this value differently",
    why="YAML 1.1 reads on, yes, 010, 1_000 and 12:30 as booleans and numbers; YAML 1.2, and so Yardarm, does not.",
    bad="mode: off",
    good='mode: "off"',
    severity=Severity.WARNING,
)
SYNTAX = Code(
    "yaml/syntax",
    title="This is not YAML",
    why="A file that cannot be parsed says nothing; what was applied from it stays as it is.",
    bad="image: registry: 5000/app",
    good='image: "registry: 5000/app"',
)
TAB = Code(
    "yaml/tab",
    title="There is a tab where YAML wants spaces",
    why="YAML forbids tabs in indentation, and parsers differ on tabs elsewhere between values.",
    bad="spec:\\n\\timage: app",
    good="spec:\\n  image: app",
)
DIRECTIVE = Code(
    "yaml/directive",
    title="This directive is not supported",
    why="Specs are YAML 1.2 without custom tags; `%YAML 1.2` is the only directive that changes nothing.",
    bad="%YAML 1.1",
    good="---",
)
TAG = Code(
    "yaml/tag",
    title="Tags are not supported",
    why="A tag asks the reader to build a type of its own choice; specs are plain data.",
    bad="replicas: !!int 3",
    good="replicas: 3",
)
DUPLICATE_KEY = Code(
    "yaml/duplicate-key",
    title="This key is written twice",
    why="Most tools silently keep one of the two, and not all of them the same one.",
    bad="cpu: 1\\ncpu: 2",
    good="cpu: 2",
)
KEY = Code(
    "yaml/key",
    title="A key must be text",
    why="JSON and Kubernetes know only text as keys; without quotes this is a number, a boolean, null or a structure.",
    bad="labels: {1: a}",
    good='labels: {"1": a}',
)
MERGE_KEY = Code(
    "yaml/merge-key",
    title="Merge keys are not supported",
    why="`<<` is not part of YAML 1.2, and merges can grow without bound.",
    bad="<<: *defaults",
    good="cpu: 1",
)
ALIAS = Code(
    "yaml/alias",
    title="Anchors and aliases are not supported",
    why="Aliases can grow without bound, and hide what a line means from its reader.",
    bad="memory: *default",
    good="memory: 4Gi",
)
TOO_DEEP = Code(
    "yaml/too-deep",
    title="The nesting is too deep",
    why="No spec needs this depth; a file that has it is broken or hostile.",
)
TOO_LARGE = Code(
    "yaml/too-large",
    title="There are too many values in one file",
    why="Time and memory of reading a file are bounded.",
)
TOO_MANY_PROBLEMS = Code(
    "yaml/too-many-problems",
    title="There are more problems in this file; they are not shown",
    why="A file with this many problems usually has one cause.",
)
SYMLINK = Code(
    "git/symlink",
    title="A symbolic link is not followed",
    why="A link can point out of the repository, and a reader of a commit has nothing to follow it in.",
    bad="workloads/app.yaml -> ../shared/app.yaml",
    good="workloads/app.yaml",
)
SUBMODULE = Code(
    "git/submodule",
    title="A submodule is not read",
    why="What it holds is not part of this commit, and so not of what was reviewed.",
    bad="workloads/nlp (a submodule)",
    good="workloads/nlp/app.yaml",
)
PATH = Code(
    "git/path",
    title="This path is not allowed",
    why="Names such as `..`, with backslashes, control characters or in no UTF-8 mean different files to different tools.",
    bad="workloads\\\\app.yaml",
    good="workloads/app.yaml",
)
TOO_BIG = Code(
    "document/too-big",
    title="The file is too big",
    why="Time and memory of reading a file are bounded; a spec has some thousand bytes.",
)
TOO_MANY = Code(
    "document/too-many",
    title="There are too many files, or too many bytes in them",
    why="Time and memory of reading a repository are bounded.",
)
NOT_OURS = Code(
    "document/not-ours",
    title="This document is not a spec",
    why="If it were skipped, a typing error in `apiVersion` would delete a workload.",
    bad="apiVersion: yardam.dev/v1alpha1",
    good="apiVersion: yardarm.dev/v1alpha1",
)
KIND_OF_DOCUMENT = Code(
    "document/kind",
    title="There is no such kind of spec",
    why="If it were skipped, a typing error in `kind` would delete a workload.",
    bad="kind: Servce",
    good="kind: Service",
)
OUTSIDE_PLATFORM = Code(
    "platform/misplaced",
    title="A platform spec lies outside of the platform's paths",
    why="Environments, teams and accelerator classes decide limits and money; only their owners' paths may hold them.",
    bad="workloads/nlp/environment.yaml",
    good="environments/production/environment.yaml",
)
MISSING = Code(
    "repository/missing",
    title="There is no yardarm.yaml at the root of the repository",
    why="It says which paths hold specs; without it nothing can be told from nothing wanted.",
)
REPOSITORY = Code(
    "repository/documents",
    title="yardarm.yaml holds exactly one document of kind Repository",
    why="Two of them could disagree.",
)
VERSION = Code(
    "repository/version",
    title="This version of Yardarm may not read this repository",
    why="`version` in yardarm.yaml protects a repository from programs that would read it differently.",
    bad='version: ">=99"',
    good='version: ">=0.1,<0.2"',
)
PATTERN = Code(
    "repository/no-files",
    title="No file lies under this path",
    why="A typing error here would look as if all its workloads had been deleted.",
    bad="specs: [worklods]",
    good="specs: [workloads]",
)
TOO_MANY_PATTERNS = Code(
    "repository/too-many-patterns",
    title="There are too many patterns in yardarm.yaml",
    why="Every pattern is compared with every path.",
)
