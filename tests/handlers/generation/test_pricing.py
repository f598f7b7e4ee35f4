"""The cost of tokens in US dollars."""

from decimal import Decimal

import pytest

from handlers.generation.pricing import price_of

TOKYO = "ap-northeast-1"


@pytest.mark.parametrize(
    "model_id",
    [
        "amazon.nova-micro-v1:0",
        "apac.amazon.nova-micro-v1:0",
        f"arn:aws:bedrock:{TOKYO}::foundation-model/amazon.nova-micro-v1:0",
        f"arn:aws:bedrock:{TOKYO}:123456789012:inference-profile/apac.amazon.nova-micro-v1:0",
    ],
)
def test_model_profile_and_arns_cost_the_same(model_id: str) -> None:
    price = price_of(model_id, TOKYO)
    assert price
    assert price.cost(1_000_000, 1_000_000) == Decimal("0.210")


def test_a_price_depends_on_the_region_of_the_call() -> None:
    tokyo = price_of("apac.amazon.nova-micro-v1:0", TOKYO)
    virginia = price_of("us.amazon.nova-micro-v1:0", "us-east-1")
    assert tokyo
    assert virginia
    assert tokyo.cost(1_000, 0) > virginia.cost(1_000, 0)


def test_small_numbers_of_tokens_are_not_rounded_away() -> None:
    price = price_of("amazon.nova-micro-v1:0", TOKYO)
    assert price
    assert price.cost(1, 1) == Decimal("0.00000021")
    assert price.cost(0, 0) == 0


@pytest.mark.parametrize(
    ("model_id", "region"),
    [
        ("amazon.nova-micro-v1:0", "mars-north-1"),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", TOKYO),
        ("not-amazon.nova-micro-v1:0", TOKYO),
        (f"arn:aws:bedrock:{TOKYO}:123456789012:application-inference-profile/abc123", TOKYO),
    ],
)
def test_an_unknown_price_is_no_price(model_id: str, region: str) -> None:
    assert price_of(model_id, region) is None
