"""The types whose ARN follows from a name, so that it is known before the resource exists."""

from policies.stack import resource_types

ARN_FORMS = {
    "aws:iam/policy:Policy": "iam:policy/{name}",
    resource_types.BACKUP_VAULT: "backup:backup-vault:{name}",
    resource_types.BUCKET: "s3:{bucket}",
    resource_types.SCHEDULE: "scheduler:schedule/default/{name}",
    resource_types.FUNCTION: "lambda:function:{name}",
    resource_types.FUNCTION_ALIAS: "lambda:function:{functionName}:{name}",
    resource_types.MACHINE: "states:stateMachine:{name}",
    resource_types.TABLE: "dynamodb:table/{name}",
    resource_types.TOPIC: "sns:{name}",
    resource_types.QUEUE: "sqs:{name}",
    resource_types.ROLE: "iam:role/{name}",
    resource_types.LOG_GROUP: "logs:log-group:{name}",
    resource_types.EVENT_RULE: "events:rule/{name}",
    resource_types.SECRET: "secretsmanager:secret:{name}",
    resource_types.KEY_ALIAS: "kms:{name}",
    resource_types.PARAMETER: "ssm:parameter/{name}",
    resource_types.ALARM: "cloudwatch:alarm:{name}",
    resource_types.COMPOSITE_ALARM: "cloudwatch:alarm:{alarmName}",
}
"""Type -> service:resource, as in the service authorization reference; {} are inputs."""
