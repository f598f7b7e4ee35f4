"""Names of the program's resources in prod, for mutants."""

START = "functions-workflow-start"
START_POLICY = f"{START}-policy"
GENERATE = "functions-task-generation"
GENERATE_POLICY = f"{GENERATE}-policy"
MACHINE = "workflow-machine"
MACHINE_POLICY = "workflow-policy"
TABLE = "executions-table"
ROUTE = "api-POST/goals/{goalId}/start-activity"
ROUTE_PERMISSION = "api-POST-goals-goalId-start-activity-permission"

TASK = "definition.States.GenerateAll.ItemProcessor.States.GenerateTasks"
"""Path of the Task inside the Map, in the state machine's inputs."""

ARN = "arn:aws:{}:ap-northeast-1:123456789012:{}"
"""ARN of a service and a resource."""
TABLE_ARN = ARN.format("dynamodb", "table/WorkflowExecution-prod")
ALERTS_ARN = ARN.format("sns", "workflow-alerts-prod")
