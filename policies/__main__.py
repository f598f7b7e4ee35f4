"""Where Pulumi's engine starts the pack: `pulumi preview --policy-pack policies`."""

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

# The engine runs this file by its path, from the folder that it is in.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from policies.pack import NAME, policies  # noqa: E402

PolicyPack(name=NAME, enforcement_level=EnforcementLevel.MANDATORY, policies=policies())
