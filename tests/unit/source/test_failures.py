"""What git's complaints mean."""

import pytest

from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.source.failures import Fault, excerpt, failure, fault
from yardarm_reconciler.source.git import Answer


@pytest.mark.parametrize(
    ("stderr", "kind"),
    [
        ("fatal: unable to access 'https://h/': Could not resolve host: h", Fault.UNREACHABLE),
        (
            "ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.",
            Fault.UNREACHABLE,
        ),
        (
            "git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            Fault.DENIED,
        ),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", Fault.CERTIFICATE),
        (
            "fatal: unable to access 'https://h/': server certificate verification failed. CAfile: none",
            Fault.CERTIFICATE,
        ),
        ("fatal: Authentication failed for 'https://h/m/'", Fault.DENIED),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", Fault.NOT_FOUND),
        ("fatal: unable to access 'https://h/': The requested URL returned error: 502", Fault.UNREACHABLE),
        ("fatal: unable to access 'https://h/': The requested URL returned error: 301", Fault.REDIRECT),
        ("error: object 1: hasDotdot: contains '..'\nfatal: fsck error in packed object", Fault.ILLEGAL),
        ("fatal: couldn't find remote ref refs/heads/x", Fault.NO_SUCH_REF),
        ("fatal: write error: No space left on device", Fault.MACHINE),
        ("error: inflate: data stream error (incorrect data check)\nfatal: packfile is corrupt", Fault.OTHER),
    ],
)
def test_faults_are_told_apart(stderr, kind):
    """Who has to act is read from what git says."""
    assert fault(Answer(128, b"", stderr)) is kind


def test_only_what_a_person_must_mend_is_a_user_error():
    """Refused credentials are the user's; an unreachable server is tried again."""
    assert isinstance(failure(Answer(128, b"", "fatal: Authentication failed"), "u"), UserError)
    assert isinstance(failure(Answer(128, b"", "fatal: early EOF"), "u"), TransientError)
    assert isinstance(failure(Answer(-1, b"", "", "deadline"), "u"), TransientError)


def test_a_server_cannot_write_to_the_terminal():
    """Control sequences and bidirectional overrides in git's words are escaped, and they are cut."""
    said = excerpt("remote: hello\nfatal: remote error: \x1b[2J\u202e" + "x" * 1000)
    assert said.startswith("remote error: \\x1b[2J\\u202ex")
    assert len(said) == 300
