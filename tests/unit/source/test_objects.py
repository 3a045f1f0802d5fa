"""Reading what git prints: complete, or an error."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.ports import File
from yardarm_reconciler.source.objects import (
    IncompleteError,
    blob_id,
    parse_contents,
    parse_listing,
    raw_path,
    shown_path,
)

A, B = "a" * 40, "b" * 40
LISTING = f"100644 blob {B}      12\tz.yaml\x00160000 commit {A}       -\tvendor\x00120000 blob {A}       3\ta/link\x00"


def test_a_listing_is_sorted_and_knows_submodules():
    """Mode, id, size and path of every entry; a submodule has no size."""
    assert parse_listing(LISTING.encode()) == [
        File("a/link", A, 3, "120000"),
        File("vendor", A, 0, "160000"),
        File("z.yaml", B, 12, "100644"),
    ]


@pytest.mark.parametrize("cut", range(1, len(LISTING)))
def test_a_listing_that_is_cut_short_is_no_listing(cut):
    """Wherever the bytes end but after a whole entry, that is an error."""
    if LISTING[cut - 1] != "\0":
        with pytest.raises(IncompleteError):
            parse_listing(LISTING[:cut].encode())


@pytest.mark.parametrize(
    "entry",
    [
        f"100644 blob {A} BAD\tx",
        f"100644 blob {A} -\tx",
        f"160000 commit {A} 3\tx",
        f"100644 blob {A[:39]} 3\tx",
        "",
        "x",
    ],
)
def test_an_entry_that_is_not_understood_is_an_error(entry):
    """A missing object (BAD), a size where none can be, a short id: nothing is skipped."""
    with pytest.raises(IncompleteError):
        parse_listing(entry.encode() + b"\0")


def _batch(*contents):
    return b"".join(b"%s blob %d\n%s\n" % (blob_id(c).encode(), len(c), c) for c in contents)


WANTED = {blob_id(c): len(c) for c in (b"one\n", b"", b"three")}


def test_contents_are_what_their_ids_say():
    """Every object that was asked for comes back."""
    assert list(parse_contents(_batch(b"one\n", b"", b"three"), WANTED).values()) == [b"one\n", b"", b"three"]


@pytest.mark.parametrize(
    "data",
    [
        _batch(b"one\n", b""),
        _batch(b"one\n", b"", b"three")[:-1],
        _batch(b"one\n", b"", b"three")[:-3],
        _batch(b"one\n", b"", b"three") + b"x",
        _batch(b"one\n", b"", b"three").replace(b"three", b"thr33"),
        _batch(b"one\n", b"three", b""),
        _batch(b"one\n").replace(b" blob 4", b" missing") + _batch(b"", b"three"),
        b"",
    ],
)
def test_contents_that_are_not_complete_are_an_error(data):
    """Too few, too many, cut short, altered, out of order, missing: none of it is a result."""
    with pytest.raises(IncompleteError):
        parse_contents(data, WANTED)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"a/b.yaml", "a/b.yaml"),
        ("\u00fc \u4e2d".encode(), "\u00fc \u4e2d"),
        (b"a\nb", "a\\x0ab"),
        (b"a\\x0ab", "a\\\\x0ab"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"../x", "../x"),
        (b".git/config", ".git/config"),
    ],
)
def test_illegal_paths_are_kept_in_a_form_that_can_be_shown(raw, shown):
    """Nothing is dropped: control characters and foreign bytes are escaped."""
    assert shown_path(raw) == shown


@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_paths_lose_nothing(raw):
    """Every path can be had back, so no two paths become one."""
    assert raw_path(shown_path(raw)) == raw


def test_blobs_are_named_as_git_names_them():
    """The empty blob is known to everybody."""
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert blob_id(b"x", sha256=True) == hashlib.sha256(b"blob 1\0x").hexdigest()
