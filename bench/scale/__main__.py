"""`python -m bench.scale`: prints docs/scale.md, or writes it with `--write PATH`."""

import argparse
import sys
from pathlib import Path

from bench.scale.document import document


def main() -> int:
    """Print or write the document."""
    parser = argparse.ArgumentParser("python -m bench.scale", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PATH", help="write the document there")
    options = parser.parse_args()
    if options.write:
        options.write.write_text(document(), encoding="utf-8")
    else:
        sys.stdout.write(document())
    return 0


if __name__ == "__main__":
    sys.exit(main())
