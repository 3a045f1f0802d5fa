"""What an edit changes, as a difference of lines."""

from yardarm_reconciler.report.patch import HIDDEN, NO_END, unified
from yardarm_reconciler.report.text import Look


def difference(before: bytes | None, after: bytes, hidden: str = "never") -> list[str]:
    """Lines of a difference after those that say where they are."""
    return unified("a.yaml", before, after, Look(), lambda line: hidden in line).splitlines()


def test_a_new_file_comes_from_nowhere():
    """As git shows it, with every line."""
    assert difference(None, b"a: 1\nb: 2\n") == [
        "--- /dev/null",
        "+++ b/a.yaml",
        "@@ -0,0 +1,2 @@",
        "+a: 1",
        "+b: 2",
    ]


def test_ends_of_lines_are_shown_where_they_are_not_alike():
    """A file that has them all alike is shown without."""
    assert difference(b"a: 1\r\n", b"a: 2\r\n")[3:] == ["-a: 1", "+a: 2"]
    assert difference(b"a: 1\r\n", b"a: 1\n")[3:] == ["-a: 1^M", "+a: 1"]
    assert difference(b"a: 1", b"a: 1\n")[3:] == ["-a: 1", NO_END, "+a: 1"]


def test_a_line_that_holds_a_secret_is_not_shown():
    """Neither as context nor as a change."""
    shown = difference(b"a: 1\nb: never\n", b"a: 2\nb: never\n")

    assert shown[3:] == ["-a: 1", "+a: 2", f" {HIDDEN}"]


def test_what_would_move_the_cursor_is_shown_as_text():
    """A file that nobody could load has no way into a terminal either."""
    assert difference(b"", b"a: \x1b[2J\n")[3:] == ["+a: "]
