"""Events that come together wake once."""

from yardarm_reconciler.source.watching import Watch


class _Timer:
    started: list["_Timer"] = []  # noqa: RUF012 - emptied by each test

    def __init__(self, seconds, call):
        self.seconds, self.call, self.cancelled = seconds, call, False

    def start(self):
        self.started.append(self)

    def cancel(self):
        self.cancelled = True


def test_a_burst_of_events_wakes_once():
    """Until the timer rings, further events change nothing; then the next one counts."""
    _Timer.started = []
    woken = []
    watch = Watch(lambda: woken.append(1), _Timer)
    for _ in range(5):
        watch._touched()
    assert [timer.seconds for timer in _Timer.started] == [0.2]
    _Timer.started[0].call()
    watch._touched()
    assert (len(woken), len(_Timer.started)) == (1, 2)


def test_nothing_wakes_after_the_end():
    """A timer that rings too late is not heard."""
    _Timer.started = []
    woken = []
    watch = Watch(lambda: woken.append(1), _Timer)
    watch._touched()
    watch.stop()
    _Timer.started[0].call()
    watch._touched()
    assert (woken, _Timer.started[0].cancelled, len(_Timer.started)) == ([], True, 1)
