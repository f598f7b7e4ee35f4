"""Functions are told one truth, and no variable changes what their libraries log or trust."""

import re
from collections.abc import Iterator
from typing import Any

from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.resource_graph import Resource, ResourceGraph

_READ_BY_LIBRARIES = re.compile(
    r"(_X_|AWS_|BOTO|CURL_|GCONV|LAMBDA_|LD_|NODE_|OPENSSL|OTEL_|PG[A-Z]|POWERTOOLS_|PYTHON|REQUESTS_"
    r"|SSL_).*|.*_PROXY|.*LOG_LEVEL|GLIBC_TUNABLES",
    re.IGNORECASE,
)
"""Variables that the loader, Python, libpq, TLS, Lambda, the SDK, X-Ray or Powertools read."""

_HARMLESS: dict[str, str] = {
    "AWS_DEFAULTS_MODE": "standard|in-region|auto",
    "AWS_LAMBDA_LOG_LEVEL": "INFO|WARN|WARNING|ERROR",
    "AWS_MAX_ATTEMPTS": r"\d",
    "AWS_RETRY_MODE": "standard|adaptive",
    "AWS_STS_REGIONAL_ENDPOINTS": "regional",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR|IGNORE_ERROR",
    "LOG_LEVEL": "INFO|WARN|WARNING|ERROR",
    "POWERTOOLS_LOG_LEVEL": "INFO|WARN|WARNING|ERROR",
    "POWERTOOLS_LOGGER_LOG_EVENT": "false|0",
    "POWERTOOLS_LOGGER_SAMPLE_RATE": "0|0.0",
    "POWERTOOLS_SERVICE_NAME": r"[\w-]+",
    "POWERTOOLS_TRACER_CAPTURE_ERROR": "false|0",
    "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false|0",
    "PYTHONDONTWRITEBYTECODE": ".*",
    "PYTHONUNBUFFERED": ".*",
}
"""Those of them that a function may have -> their values, as a pattern."""

_SAME_EVERYWHERE = ("ENVIRONMENT", "STATE_MACHINE_ARN", "TABLE_NAME", "TTL_DAYS")


@resource_policy(
    "wiring-quiet-environment",
    on={resource_types.FUNCTION},
    risk="A library writes tokens and users' texts into the log or the trace, loads other code, or"
    " trusts another host.",
    fix="Remove the variable; allowed are "
    + ", ".join(f"{name} ({values})" for name, values in _HARMLESS.items())
    + ".",
    source="Powertools for AWS Lambda: environment variables; AWS Lambda Developer Guide: defined"
    " runtime environment variables; CWE-532, CWE-426",
)
def quiet_environment(resource: Resource) -> Iterator[str]:
    """Variables that libraries read are of a known name and value."""
    variables: Any = resource.read("environment", "variables") or {}
    for name in variables:
        if not _READ_BY_LIBRARIES.fullmatch(name):
            continue
        value = str(resource.read("environment", "variables", name))
        if name not in _HARMLESS:
            yield f"{name} changes what a library or the runtime does"
        elif not re.fullmatch(_HARMLESS[name], value, re.IGNORECASE):
            yield f"{name} is {value}, {_HARMLESS[name]} may be"


@stack_policy(
    "wiring-one-truth",
    risk="One function works on another stack, or forgets what the others keep.",
    fix=f"Give all functions the same {', '.join(_SAME_EVERYWHERE)}, the stack's name as"
    " ENVIRONMENT, a time-out of more than two model calls, and a second call that begins before"
    " the first one's time-out.",
    source="design: Functions; handlers/contract/environment.py",
)
def one_truth(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Variables that several functions have are the same in each, and fit the stack."""
    told: dict[str, dict[str, list[Resource]]] = {name: {} for name in _SAME_EVERYWHERE}
    for function in graph.of(resource_types.FUNCTION):
        for name in _SAME_EVERYWHERE:
            value = function.read("environment", "variables", name)
            if isinstance(value, str):
                told[name].setdefault(value, []).append(function)
        call = function.read("environment", "variables", "MODEL_CALL_TIMEOUT_SECONDS")
        limit = function.read("timeout") or 3
        if isinstance(call, str) and 2 * float(call) >= limit:
            yield function, f"two model calls of {call} s do not fit into its {limit:.0f} s"
        hedge = function.read("environment", "variables", "HEDGE_AFTER_SECONDS")
        if isinstance(call, str) and isinstance(hedge, str) and float(hedge) >= float(call):
            yield function, f"a second call after {hedge} s meets no first one, which has {call} s"
    for name, by_value in told.items():
        usual = max(by_value, key=lambda value: len(by_value[value]), default=None)
        for value, functions in by_value.items():
            for function in functions:
                if value != usual:
                    yield function, f"{name} is {value}, other functions are told {usual}"
                elif name == "ENVIRONMENT" and value != function.stack:
                    yield function, f"{name} is {value}, the stack is {function.stack}"
