"""The `bootstrap` of a `provided.al2023` function: AWS's runtime client on this Python."""

import sys

# An idle runtime client ends with the Runtime API's socket, but a handler at work would outlive a
# killed emulator. PR_SET_PDEATHSIG is no cure: it fires when the thread that forked ends.
_PROGRAM = """
import os, sys, threading, time

def end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)

threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()

from awslambdaric.__main__ import main

main(sys.argv)
"""


def bootstrap(python: str = sys.executable) -> str:
    """The text of the file; in the zip it must be executable, and the handler beside it."""
    return f'#!/bin/sh\nexec "{python}" -c \'{_PROGRAM}\' "$_HANDLER"\n'
