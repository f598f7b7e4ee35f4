"""The price list, read from prices.yaml."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

_LIST = Path(__file__).with_name("prices.yaml")


class Price(BaseModel):
    """US dollars for one `per`; `read`: the day on which it was read at `source`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: str
    usd: Decimal
    per: str
    read: date
    source: str


@cache
def prices() -> Mapping[str, Price]:
    """Item -> its price."""
    entries = yaml.safe_load(_LIST.read_text())
    return {price.item: price for price in map(Price.model_validate, entries)}


def cost(use: Mapping[str, float]) -> dict[str, Decimal]:
    """Item -> US dollars of its use. Raises KeyError for an item without a price."""
    return {item: prices()[item].usd * Decimal(str(count)) for item, count in use.items()}
