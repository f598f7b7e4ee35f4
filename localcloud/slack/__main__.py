"""Serve a sink for Slack messages until SIGTERM or SIGINT: `--port`."""

import argparse
import signal
from threading import Thread

from localcloud.slack.server import SlackSink


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description="A sink for Slack messages")
    parser.add_argument("--port", type=int, required=True)
    sink = SlackSink(parser.parse_args().port)

    def end(*_: object) -> None:
        Thread(target=sink.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    sink.serve()


if __name__ == "__main__":
    main()
