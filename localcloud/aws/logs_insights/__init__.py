"""CloudWatch Logs Insights as far as our saved queries go: its query language over log lines.

Commands `fields`, `display`, `filter`, `parse`, `stats`, `sort`, `dedup`, `limit`; operators and
functions as `expressions`, `functions` and `aggregates` list them. Anything else is an error that
names it, never ignored. (CloudWatch Logs User Guide, "CloudWatch Logs Insights language query
syntax".)
"""

from localcloud.aws.logs_insights.query import Result, run
from localcloud.aws.logs_insights.records import LogLine
from localcloud.aws.logs_insights.scanner import QueryError

__all__ = ["LogLine", "QueryError", "Result", "run"]
