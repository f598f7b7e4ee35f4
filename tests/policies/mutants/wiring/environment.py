"""Mutants for `policies.rules.wiring.environment`."""

from tests.policies.mutate import Change, Mutant, all_changes, set_input
from tests.policies.names import GENERATE, START

QUIET, TRUTH = "wiring-quiet-environment", "wiring-one-truth"


def _variable(name: str, value: str, function: str = GENERATE) -> Change:
    return set_input(function, f"environment.variables.{name}", value)


MUTANTS = (
    *(
        Mutant(QUIET, f"a function with {name}={value}", _variable(name, value))
        for name, value in (
            ("POWERTOOLS_LOGGER_LOG_EVENT", "true"),
            ("POWERTOOLS_TRACER_CAPTURE_RESPONSE", "1"),
            ("POWERTOOLS_METRICS_DISABLED", "true"),
            ("POWERTOOLS_METRICS_NAMESPACE", "Other"),
            ("POWERTOOLS_LOG_LEVEL", "DEBUG"),
            ("POWERTOOLS_DEV", "true"),
            ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "https://collect.example.net"),
            ("AWS_CA_BUNDLE", "/opt/ca.pem"),
            ("HTTPS_PROXY", "http://proxy.example.net"),
            ("LD_PRELOAD", "/opt/x.so"),
            ("PYTHONPATH", "/opt"),
            ("PYTHONWARNINGS", "ignore"),
            ("PGSSLMODE", "disable"),
        )
    ),
    Mutant(
        QUIET,
        "variables of the service and of AWS's extension",
        all_changes(
            _variable("POWERTOOLS_SERVICE_NAME", "generation"),
            _variable("POWERTOOLS_LOG_LEVEL", "INFO"),
            _variable("POWERTOOLS_LOGGER_LOG_EVENT", "false"),
            _variable("AWS_RETRY_MODE", "adaptive"),
            _variable("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "2773"),
            _variable("MAX_OUTPUT_TOKENS", "2000"),
        ),
        near_miss=True,
    ),
    Mutant(
        TRUTH,
        "a function on another stack's table",
        _variable("TABLE_NAME", "WorkflowExecution-dev"),
    ),
    Mutant(TRUTH, "a function of another environment", _variable("ENVIRONMENT", "dev")),
    Mutant(TRUTH, "items that one function keeps for a day", _variable("TTL_DAYS", "1", START)),
    Mutant(
        TRUTH,
        "two model calls that take longer than the function",
        _variable("MODEL_CALL_TIMEOUT_SECONDS", "60"),
    ),
    Mutant(
        TRUTH,
        "a second call that begins when the first one has timed out",
        _variable("HEDGE_AFTER_SECONDS", "45"),
    ),
    Mutant(
        TRUTH,
        "a second call before the first one's time-out",
        _variable("HEDGE_AFTER_SECONDS", "6"),
        near_miss=True,
    ),
    Mutant(
        TRUTH,
        "a shorter time-out of a model call",
        _variable("MODEL_CALL_TIMEOUT_SECONDS", "30"),
        near_miss=True,
    ),
)
