"""What a function does in Lambda's init phase, which has more processor than an invocation.

With provisioned concurrency that phase runs ahead of the first invocation. With SnapStart it runs
once per version, and every sandbox is a copy of what it left. So it opens no connection, reads no
secret and draws no id: all that is made by the invocation that needs it first. What is left in a
copy is the state of `random`, from which botocore draws the pauses between its attempts, and
credentials, which botocore renews by their expiry.
"""

import os
import random
from collections.abc import Callable

from handlers.contract.environment import env, variables_of
from handlers.contract.functions import FunctionSpec


def in_init_phase(function: FunctionSpec, *make: Callable[[], object]) -> None:
    """Read the function's variables and make what its invocations use; outside of Lambda nothing.

    Raises EnvironmentVariableError.
    """
    if "AWS_LAMBDA_RUNTIME_API" not in os.environ:
        return
    for variable in variables_of(function):
        getattr(env, variable.name)
    for each in make:
        each()
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - the runtime's own

        register_after_restore(random.seed)
