"""The query language of CloudWatch Logs Insights, as far as the workflow's saved queries use it.

It has the commands `fields`, `display`, `filter`, `parse`, `stats`, `sort`, `dedup` and `limit`,
and the operators and functions of `expressions`, `functions` and `aggregates`. Anything else raises
QueryError. (CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax".)
"""

from localcloud.aws.logs_insights.query import Result, run
from localcloud.aws.logs_insights.records import LogLine
from localcloud.aws.logs_insights.scanner import QueryError

__all__ = ["LogLine", "QueryError", "Result", "run"]
