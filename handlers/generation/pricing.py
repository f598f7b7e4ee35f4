"""The price of tokens: Amazon Nova on demand, by the region that the call is made from.

Read 2026-11-24 from the copy of AWS's price list in github.com/truefoundry/models
(providers/aws-bedrock); AWS's own page is aws.amazon.com/bedrock/pricing. A call through a
geographic inference profile (`apac.`, `us.`, `eu.`) costs what the model costs in the region it is
made from (docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html).
"""

import re
from dataclasses import dataclass
from decimal import Decimal

_TOKENS_PER_PRICE = 1_000_000
_MODEL = re.compile(r"(?:^|[./])(amazon\.nova-[\w.:-]+)$")


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: Decimal
    output: Decimal

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """US dollars for these tokens, exactly."""
        return (self.input * input_tokens + self.output * output_tokens) / _TOKENS_PER_PRICE


def _price(input_usd: str, output_usd: str) -> Price:
    return Price(Decimal(input_usd), Decimal(output_usd))


_PRICES: dict[tuple[str, str], Price] = {
    ("amazon.nova-micro-v1:0", "ap-northeast-1"): _price("0.042", "0.168"),
    ("amazon.nova-micro-v1:0", "ap-northeast-2"): _price("0.041", "0.164"),
    ("amazon.nova-micro-v1:0", "ap-south-1"): _price("0.041", "0.164"),
    ("amazon.nova-micro-v1:0", "ap-southeast-1"): _price("0.047", "0.188"),
    ("amazon.nova-micro-v1:0", "ap-southeast-2"): _price("0.037", "0.148"),
    ("amazon.nova-micro-v1:0", "eu-central-1"): _price("0.046", "0.184"),
    ("amazon.nova-micro-v1:0", "eu-west-1"): _price("0.04", "0.16"),
    ("amazon.nova-micro-v1:0", "us-east-1"): _price("0.035", "0.14"),
    ("amazon.nova-micro-v1:0", "us-east-2"): _price("0.035", "0.14"),
    ("amazon.nova-micro-v1:0", "us-west-2"): _price("0.035", "0.14"),
    ("amazon.nova-lite-v1:0", "ap-northeast-1"): _price("0.072", "0.288"),
    ("amazon.nova-lite-v1:0", "us-east-1"): _price("0.06", "0.24"),
    ("amazon.nova-pro-v1:0", "ap-northeast-1"): _price("0.96", "3.84"),
    ("amazon.nova-pro-v1:0", "us-east-1"): _price("0.8", "3.2"),
}


def price_of(model_id: str, region: str) -> Price | None:
    """The price for a model id, an inference profile or the ARN of either; None if unknown."""
    model = _MODEL.search(model_id)
    return _PRICES.get((model[1], region)) if model else None
