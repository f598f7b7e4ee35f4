"""The entry point of Pulumi's engine: `pulumi preview --policy-pack policies`."""

import sys
from pathlib import Path

# The engine runs this file by its path, with this folder, not its parent, on the module path.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from policies.server import serve  # noqa: E402

serve()
