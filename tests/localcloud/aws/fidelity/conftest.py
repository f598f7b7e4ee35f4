"""One emulator for all fidelity tests."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.localcloud.emulated import EmulatedAws, Read, emulated_aws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """A running emulator with IAM enforced."""
    with emulated_aws(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def read(aws: EmulatedAws) -> Read:
    """Reads a statistic of a metric over the last hour; None without a sample."""

    def value(namespace: str, name: str, stat: str = "Sum", **dimensions: str) -> float | None:
        metric = {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": held} for key, held in dimensions.items()],
        }
        now = datetime.now(UTC)
        (result,) = aws.client("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {"Id": "m", "MetricStat": {"Metric": metric, "Period": 7200, "Stat": stat}}
            ],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
        )["MetricDataResults"]
        return result["Values"][0] if result["Values"] else None

    return value
