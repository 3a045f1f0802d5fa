"""Names of derived objects."""

from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.expand.names import GROUP_LIMIT, HASH_LENGTH, LABEL_LIMIT, derived, job_limit

NAMES = st.from_regex(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
LIMITS = st.integers(min_value=20, max_value=LABEL_LIMIT)


@given(NAMES, NAMES, LIMITS)
def test_a_name_is_a_label_within_its_limit(name, part, limit):
    """Whatever is joined, the result is a DNS label of at most the characters that its kind allows."""
    made = derived(name, part, limit=limit)
    assert len(made) <= limit
    assert made[0].isalpha()
    assert not made.endswith("-")


@given(st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=20, unique_by="-".join), LIMITS)
def test_different_input_has_different_names(pairs, limit):
    """What is cut keeps enough of a hash to stay different."""
    assert len({derived(*pair, limit=limit) for pair in pairs}) == len(pairs)


def test_a_long_common_beginning_stays_different():
    """Names that differ only in what is cut off differ by their hash."""
    long = "a" * 60
    first, second = derived(long, "data-one"), derived(long, "data-two")
    assert first != second
    assert first[:-HASH_LENGTH] == second[:-HASH_LENGTH]


def test_a_short_name_is_as_people_would_write_it():
    """No hash where none is needed."""
    assert derived("qwen", "models") == "qwen-models"


@given(st.integers(min_value=1, max_value=100_000))
def test_the_host_name_of_the_last_shard_is_a_label(count):
    """A Job's name leaves room for the index of its last pod."""
    name = derived("x" * LABEL_LIMIT, "abcdef12", limit=job_limit(count))
    assert len(f"{name}-{count - 1}") <= LABEL_LIMIT


@given(st.integers(min_value=0, max_value=99_999))
def test_the_revision_of_a_groups_workers_is_a_label(replica):
    """A LeaderWorkerSet's name leaves room for the number of a replica and the hash behind it."""
    name = derived("x" * LABEL_LIMIT, "group", limit=GROUP_LIMIT)
    assert len(f"{name}-{replica}-{'0' * 10}") <= LABEL_LIMIT
