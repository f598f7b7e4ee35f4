"""Mutants of kinds that once passed: references and secrets in other forms, and foreign types."""

import gzip
from base64 import b64encode

from tests.policies.mutate import Mutant, all_changes, declare, edit_input, set_input
from tests.policies.names import ALERTS_ARN, ARN, GENERATE, MACHINE, TASK

OUTSIDE, SECRET = "boundary-own-references", "access-no-plain-secret"
_URL = b"https://evil.example/collect"
_EXPRESSION = "{% 'https://evil.example/' & $states.input.goalId %}"


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


_FOREIGN_TYPES = (
    "aws:amplify/app:App",
    "docker:index/container:Container",
    "goalmandala2:workflow:X",
    "kubernetes:core/v1:Secret",
    "random:index/randomPassword:RandomPassword",
)

_FOREIGN_VALUES = {
    "a URL in hexadecimal": _URL.hex(),
    "a URL in base64 of base64": _base64(_base64(_URL).encode()),
    "a compressed URL in base64": _base64(gzip.compress(_URL, mtime=0)),
    "a URL without a scheme": "//evil.example.com/a",
    "a URL with an address of IPv6": "http://[2001:db8::1]/x",
    "a URL with an address as one number": "http://3232235777/x",
    "an address of IPv6": "2606:4700:4700::1111",
    "a host of any domain with a path": "collector.evil.zip/upload",
    "a host in capital letters": "EVIL.EXAMPLE.COM",
    "a host with a dot at its end": "evil.example.com.",
    "a host in Punycode": "xn--80ak6aa92e.com",
    "a host with a full stop of another script": "evil。example.com",
    "a broker of another region": "a1b2c3-ats.iot.us-east-1.amazonaws.com",
    "a bucket in a URI": "s3://someone-elses-bucket/prompt",
    "an address of mail in a URI": "mailto:me+x@evil.example",
}

_LIBRARY_VARIABLES = {
    "AWS_CA_BUNDLE": "/opt/ca.pem",
    "AWS_CONFIG_FILE": "/opt/config",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel",
    "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
    "POWERTOOLS_LOGGER_SAMPLE_RATE": "1",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "Other",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "PYTHONHTTPSVERIFY": "0",
    "PYTHONPATH": "/opt/other",
    "REQUESTS_CA_BUNDLE": "",
    "aws_endpoint_url_bedrock_runtime": "https://bedrock-runtime.us-east-1.amazonaws.com",
}

# in parts, so that no scanner takes them for real ones
_SECRETS = {
    "a key of a model's vendor": "sk-" + "ant-api03-" + "Ab1" * 30,
    "a project's key of another vendor": "sk-" + "proj-" + "Ab1" * 20,
    "a key of Google's APIs": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "a token of GitHub for one repository": "github_pat_" + "11ABCDEFG0" + "a1B2" * 18,
    "a token in a header": "Authorization: Bearer " + "a1B2c3D4" * 5,
    "a user and a password in a header": "Basic " + _base64(b"admin:hunter2hunter2"),
    "a private key on one line": "-----BEGIN EC PRIVATE " + "KEY-----\\nMHcCAQEE",
    "a key of age": "AGE-SECRET-" + "KEY-1" + "QYZ7" * 14,
    "a signature of Azure's": "sv=2022-11-02&ss=b&sig=" + "a1B2c3D4e5F6g7H8" * 3,
    "a password in a URL of MongoDB": "mongodb+srv://u:pw123456@cluster.local/db",
    "a password in a URL of JDBC": "jdbc:postgresql://db.internal/x?user=a&password=hunter2",
    "a password in base64": _base64(b"postgresql://app:hunter2@db/goals"),
    "a password in hexadecimal": b"postgresql://app:hunter2@db/goals".hex(),
}

_SECRET_NAMES = {
    "DB_PWD": "hunter2",
    "DD_API_KEY": "a1b2c3d4" * 4,
    "ENCRYPTION_KEY": "abcdef",
    "SIGNING_KEY": "abcdefabcdef",
    "SIGNING_PASSPHRASE": "correct horse battery",
}


def _variable(policy: str, what: str, value: str, name: str = "X") -> Mutant:
    return Mutant(policy, what, set_input(GENERATE, f"environment.variables.{name}", value))


MUTANTS = (
    *(Mutant("boundary-recognised-type", each, declare(each, "x", {})) for each in _FOREIGN_TYPES),
    *(_variable(OUTSIDE, what, value) for what, value in _FOREIGN_VALUES.items()),
    *(
        _variable("wiring-quiet-environment", f"{name} = {value!r}", value, name)
        for name, value in _LIBRARY_VARIABLES.items()
    ),
    *(_variable(SECRET, what, value) for what, value in _SECRETS.items()),
    *(
        _variable(SECRET, f"a secret's name: {name}", value, name)
        for name, value in _SECRET_NAMES.items()
    ),
    Mutant(
        SECRET,
        "a password in a description",
        set_input("alarms-outage", "alarmDescription", "login: admin password: Hunter2Hunter2!"),
    ),
    Mutant(
        SECRET,
        "a token in a definition's comment",
        set_input(MACHINE, "definition.Comment", "Authorization: Bearer " + "a1B2c3D4" * 5),
    ),
    Mutant(
        SECRET,
        "a webhook in a tag",
        set_input("slack-queue", "tags", {"hook": "https://hooks.slack.com/" + "services/T0/B0/X"}),
    ),
    Mutant(
        OUTSIDE,
        "a topic sends to a foreign host",
        declare(
            "aws:sns/topicSubscription:TopicSubscription",
            "x",
            {"topic": ALERTS_ARN, "protocol": "https", "endpoint": "https://hooks.evil.example/x"},
            sources={"topic": "alerting-alerts"},
        ),
    ),
    Mutant(
        OUTSIDE,
        "an event goes to another partition",
        set_input(
            "reconciliation-sweep-target",
            "arn",
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:x:live",
        ),
    ),
    Mutant(
        OUTSIDE,
        "a URL in an expression of the definition",
        set_input(MACHINE, f"{TASK}.Assign", {"link": _EXPRESSION}),
    ),
    Mutant(
        OUTSIDE,
        "a foreign role gets a topic's failures",
        set_input("alerting-alerts", "sqsFailureFeedbackRoleArn", ARN.format("iam", "role/x")),
    ),
    Mutant(
        OUTSIDE,
        "an alarm on another account's metric",
        set_input("alarms-workflow-failure-rate-high", "metricQueries.0.accountId", "999999999999"),
    ),
    Mutant(
        OUTSIDE,
        "backups are copied to another region",
        set_input(
            "backups-plan",
            "rules.0.copyActions",
            [{"destinationVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:x"}],
        ),
    ),
    Mutant(
        "boundary-declared-names",
        "a foreign bucket's name in a variable",
        set_input(
            "functions-workflow-archive",
            "environment.variables.ARCHIVE_BUCKET",
            "someone-elses-bucket",
        ),
    ),
    Mutant(
        "stack-roles-suffice",
        "a task calls a host itself",
        edit_input(MACHINE, f"{TASK}.Resource", lambda _: "arn:aws:states:::http:invoke"),
    ),
    Mutant(
        SECRET,
        "base64 of a sentence",
        all_changes(
            set_input(
                GENERATE, "environment.variables.A", _base64(b"hello from the model, be brief")
            ),
            set_input(GENERATE, "environment.variables.B", _base64(b"the password is asked for")),
        ),
        near_miss=True,
    ),
)
