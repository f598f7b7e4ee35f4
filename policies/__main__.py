"""Where Pulumi's engine starts the pack: `pulumi preview --policy-pack policies`."""

import sys
from pathlib import Path

# The engine runs this file by its path, from the folder that it is in.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from policies.server import serve  # noqa: E402

serve()
