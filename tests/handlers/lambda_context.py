"""Lambda's context, as far as the functions and Powertools read it."""

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass
class LambdaContext:
    remaining_ms: int = 120_000
    function_name: str = "goal-mandala-test-function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-northeast-1:123456789012:function:x:live"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms
