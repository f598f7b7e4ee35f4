"""What a function does in Lambda's init phase, which has more processor than an invocation.

With provisioned concurrency that phase runs ahead of the first invocation.
"""

import os
from collections.abc import Callable

from handlers.contract.environment import groups_of, read
from handlers.contract.functions import FunctionSpec


def in_init_phase(function: FunctionSpec, *make: Callable[[], object]) -> None:
    """Read the function's variables and make what its invocations use; outside of Lambda nothing.

    Raises EnvironmentVariableError.
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        for group in groups_of(function):
            read(group)
        for each in make:
            each()
