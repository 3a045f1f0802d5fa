"""Requests at one time: fewer when the server asks for it, more again while it answers."""

import threading

from yardarm_reconciler.kube.pacing import LEAST, MOST, Pace


def test_a_refusal_halves_and_good_answers_add_one_by_one():
    """Down at once, up slowly."""
    pace = Pace()
    pace.slower()
    assert pace.allowed == MOST // 2
    for _ in range(MOST // 2):
        pace.faster()
    assert pace.allowed == MOST // 2 + 1


def test_what_was_refused_together_counts_once():
    """Sixteen refusals of one moment are one message of the server."""
    pace = Pace()
    for _ in range(MOST):
        pace.slower()
    assert pace.allowed == MOST // 2


def test_it_never_stops_and_never_exceeds():
    """A server that refuses for ever is still asked, one that never refuses no more than we can."""
    pace = Pace()
    for _ in range(20):
        pace.slower()
        pace.faster()
    assert pace.allowed == LEAST
    for _ in range(1000):
        pace.faster()
    assert pace.allowed == MOST


def test_no_more_are_under_way_than_are_allowed():
    """The next one waits for its turn."""
    pace, most, now, lock = Pace(), [], [], threading.Lock()
    pace.slower()
    together = threading.Barrier(MOST // 2)

    def ask():
        with pace.turn():
            with lock:
                now.append(1)
                most.append(len(now))
            together.wait(10)
            with lock:
                now.pop()

    threads = [threading.Thread(target=ask) for _ in range(MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == MOST // 2
