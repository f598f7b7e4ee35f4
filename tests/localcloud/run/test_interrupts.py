"""Ctrl-C held back for a moment, and no longer."""

import signal
import threading

import pytest

from localcloud.run.interrupts import interrupts_delayed


def test_a_signal_comes_when_the_moment_is_over() -> None:
    """So what was learnt meanwhile is known to whoever is interrupted."""
    started: str | None = None
    interrupted = False
    try:
        with interrupts_delayed():
            signal.raise_signal(signal.SIGINT)
            started = "e"
    except KeyboardInterrupt:
        interrupted = True

    assert interrupted
    assert started == "e"


def test_without_a_signal_everything_is_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)

    with interrupts_delayed():
        assert signal.getsignal(signal.SIGINT) != before

    assert signal.getsignal(signal.SIGINT) == before


def test_an_error_ends_the_moment_too() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(ZeroDivisionError), interrupts_delayed():
        raise ZeroDivisionError

    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_gets_no_signals_and_holds_none() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with interrupts_delayed():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [before]
