"""Signals are delayed to the end of a block."""

import signal
import threading

import pytest

from localcloud.run.interrupts import interrupts_delayed


def test_a_signal_is_delivered_at_the_end_of_the_block() -> None:
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


def test_the_signal_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGINT)

    with interrupts_delayed():
        assert signal.getsignal(signal.SIGINT) != before

    assert signal.getsignal(signal.SIGINT) == before


def test_an_error_restores_the_signal_handlers_too() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(ZeroDivisionError), interrupts_delayed():
        raise ZeroDivisionError

    assert signal.getsignal(signal.SIGTERM) == before


def test_in_another_thread_the_signal_handlers_stay() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with interrupts_delayed():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [before]
