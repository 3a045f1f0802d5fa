"""What can be wrong with a document that is YAML of ours."""

from __future__ import annotations

from yardarm_reconciler.model.origin import Code

DUPLICATE = Code(
    "document/duplicate",
    title="Two documents claim the same name",
    why="Workload names are unique in a team, over all kinds, as the objects that are made of them are.",
    bad="two documents with metadata: {name: api, team: nlp}",
    good="metadata: {name: api-v2, team: nlp}",
)
UNKNOWN_TEAM = Code(
    "team/unknown",
    title="There is no such team",
    why="A team's budget, paths and namespaces are decided by the platform; without a Team there are none.",
    bad="metadata: {name: api, team: npl}",
    good="metadata: {name: api, team: nlp}",
)
PATH_MISMATCH = Code(
    "team/path-mismatch",
    title="This team's specs may not lie here",
    why="Team.paths says where a team's specs may lie, so that reviewers of a directory decide for their team only.",
    bad="team: nlp in workloads/search/api.yaml",
    good="team: nlp in workloads/nlp/api.yaml",
)
KIND_NOT_ALLOWED = Code(
    "team/kind-not-allowed",
    title="The team may not use this kind",
    why="Team.kinds lists the kinds that the platform supports for a team.",
    bad="kind: BatchJob of a team with kinds: [Service]",
    good="kind: Service",
)
OVERRIDE = Code(
    "environment/not-overridable",
    title="An environment cannot change this",
    why="An override changes fields of the spec; what a workload is, and whose, is the same everywhere.",
    bad="environments: {production: {name: api-production}}",
    good="environments: {production: {replicas: 3}}",
)
NULL_OVERRIDE = Code(
    "environment/null-override",
    title="An environment is neither listed nor left out",
    why="null removes a field in overrides; for an environment it could mean both that the workload runs there unchanged, and that it does not run there.",
    bad="environments: {production: null}",
    good="environments: {production: {}}",
)
RESERVED_LABEL = Code(
    "name/reserved-label",
    title="Only Yardarm says whose an object is",
    why="By these labels and annotations objects and pods are found: with another value they would be taken for those of another workload, part or run.",
    bad="metadata: {labels: {yardarm.dev/part: canary}}",
    good="metadata: {labels: {example.com/stage: canary}}",
)
SECRET = Code(
    "security/secret-inline",
    title="This looks like a secret",
    why="What is committed to git is known to everyone who can read it, for ever. Revoke it, then refer to a Secret.",
    bad='env: {HF_TOKEN: "hf_…"}',
    good="env: {HF_TOKEN: {secret: hugging-face, key: token}}",
)
