"""The metrics in log lines, read as CloudWatch reads them (embedded metric format)."""

import json
from collections import defaultdict

Measured = dict[str, list[float]]


def measured(text: str) -> Measured:
    """Values by metric: `Name`, or `Name{dimension=value}` where it is broken down."""
    found: Measured = defaultdict(list)
    for line in map(json.loads, text.splitlines()):
        for group in line.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in group["Dimensions"]:
                parts = [f"{name}={line[name]}" for name in names if name != "environment"]
                for metric in group["Metrics"]:
                    name = metric["Name"] + (f"{{{','.join(parts)}}}" if parts else "")
                    found[name] += line[metric["Name"]]
    return dict(found)
