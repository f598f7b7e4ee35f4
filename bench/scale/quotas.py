"""AWS's quotas of one account in one region, as its documentation has them.

Where a quota differs by region it is that of ap-northeast-1, which `everywhere else` covers.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["at once", "a second", "a minute"]


@dataclass(frozen=True)
class Quota:
    """One quota by default. burst: of a token bucket, its size. read: when the page was as quoted.

    adjustable: whether AWS raises it on request.
    """

    name: str
    value: int
    unit: Unit
    source: str
    read: str
    burst: int | None = None
    adjustable: bool = True


_DOCS = "docs.aws.amazon.com"

BEDROCK_TOKENS = Quota(
    "Bedrock: tokens of Nova Micro through an inference profile",
    200_000,
    "a minute",
    f"{_DOCS}/general/latest/gr/bedrock.html (L-DC7FF66C; 4,000,000 in us-east-1, us-east-2,"
    " us-west-2)",
    "2025-06-05",
)
"""No quota of requests a minute is left: docs.aws.amazon.com/bedrock/latest/userguide/
quotas-runtime.html (since 2026-05). A call takes input + maxTokens when it starts, and gives back
what it did not use when it ends (quotas-token-burndown.html)."""

LARGE_BEDROCK_TOKENS = 4_000_000
"""The same quota in us-east-1, us-east-2 and us-west-2."""

LAMBDA_CONCURRENCY = Quota(
    "Lambda: concurrent executions",
    1_000,
    "at once",
    f"{_DOCS}/lambda/latest/dg/gettingstarted-limits.html",
    "2026-11-29",
)
LAMBDA_SCALING = Quota(
    "Lambda: new environments of one function",
    100,
    "a second",
    f"{_DOCS}/lambda/latest/dg/scaling-behavior.html (1,000 every 10 seconds)",
    "2026-11-29",
    burst=1_000,
    adjustable=False,
)
START_EXECUTION = Quota(
    "Step Functions: StartExecution",
    150,
    "a second",
    f"{_DOCS}/step-functions/latest/dg/service-quotas.html",
    "2023-06-13",
    burst=800,
)
STATE_TRANSITION = Quota(
    "Step Functions: StateTransition",
    500,
    "a second",
    f"{_DOCS}/step-functions/latest/dg/service-quotas.html",
    "2023-06-13",
    burst=800,
)
DESCRIBE_EXECUTION = Quota(
    "Step Functions: DescribeExecution",
    10,
    "a second",
    f"{_DOCS}/step-functions/latest/dg/service-quotas.html",
    "2023-06-13",
    burst=250,
)
PARTITION_WRITES = Quota(
    "DynamoDB: write units of one partition",
    1_000,
    "a second",
    f"{_DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html",
    "2026-11-29",
    adjustable=False,
)
PARTITION_READS = Quota(
    "DynamoDB: read units of one partition",
    3_000,
    "a second",
    f"{_DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html",
    "2026-11-29",
    adjustable=False,
)
TABLE_WRITES = Quota(
    "DynamoDB: write units of a new on-demand table, until it has grown",
    4_000,
    "a second",
    f"{_DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html",
    "2026-11-29",
)
API_REQUESTS = Quota(
    "API Gateway: requests",
    10_000,
    "a second",
    f"{_DOCS}/apigateway/latest/developerguide/limits.html",
    "2026-11-29",
    burst=5_000,
)
SIGN_INS = Quota(
    "Cognito: UserAuthentication",
    120,
    "a second",
    f"{_DOCS}/cognito/latest/developerguide/quotas.html",
    "quoted by others, not read",
)
DATABASE_CONNECTIONS = Quota(
    "RDS: connections of a db.t4g.medium (4 GiB / 9,531,392 bytes)",
    450,
    "at once",
    f"{_DOCS}/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    "quoted by others, not read",
)
QUOTAS = (
    BEDROCK_TOKENS,
    LAMBDA_CONCURRENCY,
    LAMBDA_SCALING,
    START_EXECUTION,
    STATE_TRANSITION,
    DESCRIBE_EXECUTION,
    PARTITION_WRITES,
    PARTITION_READS,
    TABLE_WRITES,
    API_REQUESTS,
    SIGN_INS,
    DATABASE_CONNECTIONS,
)
