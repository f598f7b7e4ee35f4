"""`make engine`: finds the Pulumi CLI, or builds it."""

import sys

from localcloud.pulumi_cli.cli import NoEngineError, build, pulumi_cli, version


def main() -> int:
    """Return 0 in any case, since everything else works without an engine."""
    try:
        sys.stdout.write(f"Pulumi CLI: {pulumi_cli()}\n")
    except NoEngineError:
        sys.stdout.write(f"Building the Pulumi CLI {version()}: once, some minutes ...\n")
        sys.stdout.flush()
        try:
            sys.stdout.write(f"Pulumi CLI: {build()}\n")
        except NoEngineError as error:
            sys.stdout.write(f"No Pulumi engine: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
