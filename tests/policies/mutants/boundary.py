"""Mutants for `policies.rules.boundary`: types and providers."""

from tests.policies.mutate import Change, Mutant, declare, set_input, unchanged
from tests.policies.names import ARN, START, TABLE

_PROVIDER = "pulumi:providers:aws"
_STRANGERS: dict[str, str] = {
    # type -> what it would open
    "aws:apigateway/method:Method": "a REST API's method",
    "aws:apigatewayv2/vpcLink:VpcLink": "a link into a network",
    "aws:cloudcontrol/resource:Resource": "any resource, as text",
    "aws:cloudformation/stack:Stack": "a template, as text",
    "aws:cloudwatch/eventPermission:EventPermission": "everybody's events on the account's bus",
    "aws:cognito/identityProvider:IdentityProvider": "another host's users in the pool",
    "aws:cognito/userInGroup:UserInGroup": "a user in the admin group",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "a policy of the table",
    "aws:dynamodb/tableReplica:TableReplica": "a replica of the table",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "a policy attached to a group",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "an identity provider",
    "aws:iam/policy:Policy": "a managed policy, which anybody may be given",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "AdministratorAccess for a role",
    "aws:iam/userPolicy:UserPolicy": "a policy of a person's user",
    "aws:kinesis/stream:Stream": "a stream of users' texts",
    "aws:kms/grant:Grant": "a grant of the key",
    "aws:lambda/functionUrl:FunctionUrl": "a function's URL",
    "aws:lambda/invocation:Invocation": "a function that runs at deployment",
    "aws:rds/instance:Instance": "a database",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "a copy of a bucket",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "a policy of a secret",
    "aws-native:iam:Role": "a role by Cloud Control",
    "command:local:Command": "a command that runs at deployment",
    "pulumi-python:dynamic:Resource": "code that runs at deployment",
    "pulumi:providers:kubernetes": "a provider of another service",
}


def _with(type_: str) -> Change:
    return declare(type_, "stranger", {})


MUTANTS = (
    *(
        Mutant("boundary-recognised-type", f"{what} ({type_})", _with(type_))
        for type_, what in _STRANGERS.items()
    ),
    Mutant(
        "boundary-recognised-type",
        "one parameter more, of a type that policies judge",
        declare("aws:ssm/parameter:Parameter", "prompt", {"name": "/goal-mandala-prod/prompt"}),
        near_miss=True,
    ),
    Mutant(
        "boundary-recognised-type",
        "masking of a log group",
        declare(
            "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy",
            "masking",
            {"logGroupName": "/aws/lambda/goal-mandala-prod-workflow-start"},
        ),
        near_miss=True,
    ),
    Mutant(
        "boundary-recognised-type",
        "the engine's provider of stack references",
        declare("pulumi:providers:pulumi", "default", {}),
        near_miss=True,
    ),
    Mutant(
        "boundary-recognised-type",
        "one component more",
        declare("goalmandala:workflow:Backups", "backups", {}),
        near_miss=True,
    ),
    Mutant(
        "boundary-no-second-source",
        "an API by quick create",
        set_input("api-api", "target", ARN.format("lambda", "function:other")),
    ),
    Mutant(
        "boundary-no-second-source",
        "an API with an OpenAPI text",
        set_input("api-api", "body", '{"openapi": "3.0.1"}'),
    ),
    Mutant(
        "boundary-no-second-source",
        "a function whose code is in a bucket",
        set_input(START, "s3Bucket", "code"),
    ),
    Mutant(
        "boundary-no-second-source",
        "a role with a managed policy",
        set_input(
            "workflow-role", "managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]
        ),
    ),
    Mutant(
        "boundary-no-second-source",
        "an integration behind a link",
        set_input("api-workflow-start", "connectionId", "abc123"),
    ),
    Mutant(
        "boundary-no-second-source",
        "a table with a replica",
        set_input(TABLE, "replicas", [{"regionName": "ap-northeast-3"}]),
    ),
    Mutant(
        "boundary-no-second-source",
        "a role whose managed policies are an empty list",
        set_input("workflow-role", "managedPolicyArns", []),
        near_miss=True,
    ),
    Mutant(
        "boundary-own-provider",
        "a provider of another region",
        declare(_PROVIDER, "elsewhere", {"region": "us-east-1"}),
    ),
    Mutant(
        "boundary-own-provider",
        "a provider with the default's name that skips checks",
        declare(_PROVIDER, "default_7_51_0", {"skipCredentialsValidation": "true"}),
    ),
    *(
        Mutant(
            "boundary-own-provider",
            f"aws:{name} in the stack file",
            unchanged,
            config={f"aws:{name}": value},
        )
        for name, value in {
            "endpoints": '[{"lambda": "https://collect.example.net"}]',
            "skipRequestingAccountId": "true",
            "assumeRoles": '[{"roleArn": "arn:aws:iam::999999999999:role/deploy"}]',
            "httpsProxy": "http://proxy.example.net",
            "allowedAccountIds": '["999999999999"]',
        }.items()
    ),
    Mutant(
        "boundary-own-provider",
        "endpoints of an emulator for prod",
        unchanged,
        config={"aws:endpoints": '[{"lambda": "http://127.0.0.1:4566"}]'},
    ),
    Mutant(
        "boundary-own-provider",
        "endpoints of another host for the local stack",
        unchanged,
        stack="local",
        config={"aws:endpoints": '[{"lambda": "http://127.0.0.1.example.net:4566"}]'},
    ),
    Mutant(
        "boundary-own-provider",
        "endpoints of an emulator for the local stack",
        unchanged,
        stack="local",
        config={
            "aws:endpoints": '[{"lambda": "http://127.0.0.1:4566"}]',
            "aws:skipCredentialsValidation": "true",
        },
        near_miss=True,
    ),
    Mutant(
        "boundary-own-provider",
        "the provider that the engine makes",
        declare(_PROVIDER, "default_7_51_0", {"region": "ap-northeast-1", "version": "7.51.0"}),
        near_miss=True,
    ),
    Mutant(
        "boundary-own-provider",
        "only this account allowed",
        unchanged,
        config={"aws:allowedAccountIds": '["123456789012"]'},
        near_miss=True,
    ),
    Mutant(
        "boundary-recognised-type",
        "the engine's provider beside the API's own resources",
        declare(_PROVIDER, "default_7_51_0", {}),
        near_miss=True,
    ),
)
