"""Run the model server: `python -m localcloud.bedrock --port 8090`."""

import argparse
import logging
import os
import signal
import sys
import threading
from functools import partial

from localcloud.bedrock.answer import answer
from localcloud.bedrock.authorization import Authorization
from localcloud.bedrock.call import Answerer, UpstreamError
from localcloud.bedrock.control import Control, ModelSettings
from localcloud.bedrock.server import ModelServer
from localcloud.bedrock.upstreams.openai_upstream import openai_answerer


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns 1 if the port or the upstream is not available."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = ModelSettings(seed=options.seed, latency_seconds=options.latency)
    try:
        answerer = _answerer(options.upstream)
        server = ModelServer(
            (options.host, options.port),
            Control(settings),
            answerer,
            upstream_validates=_is_bedrock(options.upstream),
            authorization=options.authorizer and Authorization(options.authorizer),
        )
    except UpstreamError as error:
        print(f"model server: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        address = f"{options.host}:{options.port}"
        print(f"model server: cannot listen on {address}: {error.strerror}", file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    serve = partial(server.serve_forever, poll_interval=0.05)  # `stop` waits as long
    threading.Thread(target=serve, name="serve").start()
    print(f"model server: {server.url}", flush=True)
    stop.wait()
    server.stop()
    return 0


def _answerer(upstream: str | None) -> Answerer:
    if upstream is None:
        return answer
    if _is_bedrock(upstream):
        # boto3 is half of the server's start-up time, and only this upstream needs it
        from localcloud.bedrock.upstreams.bedrock_upstream import bedrock_answerer, bedrock_client  # noqa: PLC0415

        return bedrock_answerer(bedrock_client(), upstream.partition("#")[2] or None)
    return openai_answerer(upstream, os.environ.get("OPENAI_API_KEY"))


def _is_bedrock(upstream: str | None) -> bool:
    return upstream is not None and upstream.partition("#")[0] == "bedrock"


def _upstream(text: str) -> str:
    if not _is_bedrock(text) and not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r}: give bedrock or an http(s) URL")
    return text


def _seconds(text: str) -> float:
    try:
        return ModelSettings(latency_seconds=float(text)).latency_seconds
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: give seconds from 0 to 600") from error


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004 - the largest port
        raise argparse.ArgumentTypeError(f"{text!r}: give a port from 0 (any free one) to 65535")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m localcloud.bedrock", description=__doc__)
    parser.add_argument("--port", type=_port, required=True, help="0 for any free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=0, help="seed of the answers")
    parser.add_argument(
        "--latency",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="mean latency, heavy-tailed",
    )
    parser.add_argument(
        "--authorizer", metavar="URL", help="endpoint of the emulator that authorizes the callers"
    )
    parser.add_argument(
        "--upstream",
        type=_upstream,
        metavar="bedrock[#MODEL]|URL[#MODEL]",
        help="get the answers from Bedrock or from an OpenAI-compatible server such as Ollama",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
