"""The resource types that a program may declare, each with the policies that judge it.

A type belongs here when policies judge what is dangerous about it. `boundary-own-references` and
`boundary-declared-names` judge every type; a line names what judges it beside them.
"""

from policies import deployment_program
from policies.stack import resource_types

RECOGNISED: dict[str, str] = {
    resource_types.ALARM: "observability-*, alarm-quotas: it fires and tells somebody",
    resource_types.API: "access-cors, boundary-no-second-source: who may call it",
    resource_types.AUTHORIZER: "access-jwt-audience: issuer and audiences",
    resource_types.BACKUP_PLAN: "backups-*: when backups are made and deleted",
    resource_types.BACKUP_SELECTION: "backups-made, iam-one-role-each",
    resource_types.BACKUP_VAULT: "backups-vault, encryption-customer-key",
    resource_types.BUCKET: "bucket-private, bucket-kept: who reads it, how long it keeps objects",
    resource_types.BUCKET_ENCRYPTION: "encryption-customer-key, bucket-kept",
    resource_types.BUCKET_LIFECYCLE: "bucket-kept: when objects are deleted",
    resource_types.BUCKET_OWNERSHIP: "bucket-private: no access-control lists",
    resource_types.BUCKET_POLICY: "access-*, encryption-tls-only",
    resource_types.BUCKET_PUBLIC_ACCESS: "bucket-private",
    resource_types.BUCKET_VERSIONING: "bucket-kept",
    resource_types.COMPOSITE_ALARM: "observability-*, ordering: it fires and tells somebody",
    resource_types.DASHBOARD: "it only shows: boundary-own-references judges its widgets",
    resource_types.EVENT_RULE: "stack-invokers-may-invoke: what it starts",
    resource_types.EVENT_SOURCE_MAPPING: "queues-*: no message is lost",
    resource_types.EVENT_TARGET: "stack-invokers-may-invoke, stack-events-may-be-kept",
    resource_types.FUNCTION: "iam-*, encryption-*, access-no-plain-secret, resilience-*",
    resource_types.FUNCTION_ALIAS: "stack-invokers-may-invoke: who calls it",
    resource_types.INTEGRATION: "stack-invokers-may-invoke: what a route calls",
    resource_types.INVOKE_CONFIG: "stack-events-may-be-kept: where failures go",
    resource_types.KEY: "access-*, encryption-*: who may use it",
    resource_types.KEY_ALIAS: "iam-no-wildcard-resource reads its name",
    resource_types.LOG_GROUP: "encryption-customer-key, observability-log-retention",
    resource_types.MACHINE: "state-machine, iam-one-role-each: states, grants, logs",
    resource_types.MACHINE_ALIAS: "ordering: its versions",
    resource_types.PERMISSION: "access-*: who may invoke a function",
    resource_types.QUERY_DEFINITION: "it only reads: boundary-declared-names judges its log groups",
    resource_types.QUEUE: "encryption-*, queues-*",
    resource_types.QUEUE_POLICY: "access-*, encryption-tls-only",
    resource_types.ROLE: "iam-trust, iam-one-role-each",
    resource_types.ROLE_POLICY: "iam-*, stack-roles-suffice",
    resource_types.ROUTE: "access-jwt: it needs a token",
    resource_types.SECRET: "encryption-customer-key, access-*",
    resource_types.SECRET_VERSION: "access-no-plain-secret: the one place of a secret's value",
    resource_types.STAGE: "api: throttle and access log",
    resource_types.SUBSCRIPTION: "queues-*, stack-subscriptions-may-send",
    resource_types.TABLE: "encryption-*, resilience-*",
    resource_types.TOPIC: "encryption-*, access-*",
    resource_types.TOPIC_POLICY: "access-*, encryption-tls-only",
    resource_types.USER_POOL: "access-user-pool",
    resource_types.USER_POOL_CLIENT: "access-user-pool-client",
    "aws:apigatewayv2/apiMapping:ApiMapping": "it joins a domain name and an API of the stack",
    resource_types.DOMAIN: "the API's own domain; TLS is all that it offers",
    "aws:bedrock/guardrail:Guardrail": "it only refuses text; encryption-* judges its key",
    "aws:bedrock/guardrailVersion:GuardrailVersion": "a fixed version of a guardrail",
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": "it only masks log data",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "it only counts log lines",
    "aws:cognito/userGroup:UserGroup": "a name; who is in it is not a program's matter",
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": "quotas-*",
    resource_types.SCHEDULE: "iam-*: its role; boundary-own-references: its target",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "a name for schedules",
    resource_types.PARAMETER: "access-no-plain-secret: it holds no secret",
    "pulumi:pulumi:Stack": "access-no-plain-secret: the exports",
    "pulumi:pulumi:StackReference": "it only reads the exports of another stack",
    "pulumi:providers:pulumi": "boundary-own-provider: the engine's own, for StackReference",
    "pulumi:providers:aws": "boundary-own-provider: the one that the engine makes",
}
"""Type -> which policies judge it, or why it needs none."""

RECOGNISED_IN: dict[tuple[str, str], str] = {
    (deployment_program.PROJECT, "aws:iam/openIdConnectProvider:OpenIdConnectProvider"): (
        "iam-trust: CI signs in by GitHub's tokens only"
    ),
    (deployment_program.PROJECT, "aws:iam/policy:Policy"): (
        "iam-*: the permissions boundaries of the workflow's roles, and what CI's roles read"
    ),
    (deployment_program.PROJECT, resource_types.ROLE_POLICY_ATTACHMENT): (
        "iam-readable-grants: what CI's roles read, on these roles only"
    ),
}
"""(project, type) -> which policies judge it; no other program may declare it."""

COMPONENTS = ("goalmandala",)
"""Packages of component resources; a component declares nothing by itself."""

REFUSED: dict[str, str] = {
    "aws:cloudcontrol/": "it creates any type from text, which no policy reads: declare the type",
    "aws:cloudformation/": "its template is text, which no policy reads: declare the resources",
    "aws:cognito/identity": "it lets others sign in: the pool's own users are the only ones",
    "aws:cognito/user:": "administrators create the users; a program has none",
    "aws:cognito/userInGroup": "who is an admin is decided by people, not by a deployment",
    "aws:iam/accessKey": "a long-lived key leaks: use a role",
    "aws:iam/group": "people get their rights from the account's sign-in, not from this stack",
    "aws:iam/instanceProfile": "no machine of this stack runs on EC2",
    "aws:iam/openIdConnectProvider": "it lets another host's tokens in: only CI's program has one",
    "aws:iam/policy:": "write the grant in the role's own RolePolicy, where the pack reads it",
    "aws:iam/policyAttachment": "write the grants in the role's own RolePolicy",
    "aws:iam/rolePoliciesExclusive": "write the grants in the role's own RolePolicy",
    "aws:iam/rolePolicyAttachment": "write the grants in the role's own RolePolicy",
    "aws:iam/samlProvider": "it lets another host's users in",
    "aws:iam/user": "people get their rights from the account's sign-in, not from this stack",
    "aws:lambda/invocation": "it runs code at deployment",
    "aws-native:": "it bypasses the policies, which read the types of the package aws",
    "command:": "it runs code at deployment",
    "pulumi-nodejs:dynamic": "it runs code at deployment",
    "pulumi-python:dynamic": "it runs code at deployment",
    "pulumi:providers:": "a second provider reaches other accounts, regions or services",
}
"""Beginning of a type -> why it stays refused, and what to declare instead."""
