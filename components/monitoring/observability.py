"""What operators look at: one dashboard, and the saved queries of the logs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.monitoring.dashboard.body import dashboard
from components.monitoring.metric_factory import API_ID
from components.monitoring.monitoring import Monitoring


@dataclass(frozen=True)
class ObservabilityArgs:
    """What differs between stacks.

    api_id: of the HTTP API, a dimension of its metrics.
    after: the resources whose names the dashboard and the queries hold.
    """

    monitoring: Monitoring
    api_id: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


class Observability(pulumi.ComponentResource):
    """One dashboard a stack; queries in a folder of the stack's name."""

    dashboard: aws.cloudwatch.Dashboard
    queries: Mapping[str, aws.cloudwatch.QueryDefinition]

    def __init__(
        self,
        name: str,
        args: ObservabilityArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:Observability", name, None, opts)
        names = args.monitoring.names
        child = pulumi.ResourceOptions(parent=self, depends_on=args.after)
        body = json.dumps(dashboard(args.monitoring), ensure_ascii=False)
        self.dashboard = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=names.dashboard,
            dashboard_body=pulumi.Output.from_input(args.api_id).apply(
                lambda api_id: body.replace(API_ID, api_id)
            ),
            opts=child,
        )
        self.queries = {
            query.key: aws.cloudwatch.QueryDefinition(
                f"{name}-{query.key}",
                name=f"{names.prefix}/{query.key}",
                query_string=query.text,
                log_group_names=list(query.log_groups),
                opts=child,
            )
            for query in args.monitoring.saved_queries
        }
        self.register_outputs({"dashboardName": self.dashboard.dashboard_name})
