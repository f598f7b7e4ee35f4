"""Run the Slack sink: `python -m localcloud.slack --port 8091`, until SIGTERM or SIGINT."""

import argparse
import signal
from threading import Thread

from localcloud.slack.server import SlackSink


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser("python -m localcloud.slack", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    sink = SlackSink(parser.parse_args().port)

    def end(*_: object) -> None:
        Thread(target=sink.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    sink.serve()


if __name__ == "__main__":
    main()
