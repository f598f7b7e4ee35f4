"""The forms of ARNs, a line a kind of resource (Service Authorization Reference).

Every ARN that the program, its policies and deployment/ compute has its form here. policies/ knows
the forms a second time: the pack imports no other room, so that it can judge this table.
"""

from enum import StrEnum


class Arn(StrEnum):
    """A kind of resource; `{name}` may hold IAM's wildcards."""

    ACCOUNT = "arn:aws:iam::{account}:root"
    ALARM = "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
    API = "arn:aws:apigateway:{region}::/{name}"
    APPLICATION_PROFILE = "arn:aws:bedrock:{region}:{account}:application-inference-profile/{name}"
    BACKUP_PLAN = "arn:aws:backup:{region}:{account}:backup-plan:{name}"
    BACKUP_VAULT = "arn:aws:backup:{region}:{account}:backup-vault:{name}"
    BUCKET = "arn:aws:s3:::{name}"
    DASHBOARD = "arn:aws:cloudwatch::{account}:dashboard/{name}"
    EVENT_SOURCE_MAPPING = "arn:aws:lambda:{region}:{account}:event-source-mapping:{name}"
    EXECUTION = "arn:aws:states:{region}:{account}:execution:{name}"
    FUNCTION = "arn:aws:lambda:{region}:{account}:function:{name}"
    IDENTITY_PROVIDER = "arn:aws:iam::{account}:oidc-provider/{name}"
    INFERENCE_PROFILE = "arn:aws:bedrock:{region}:{account}:inference-profile/{name}"
    KEY = "arn:aws:kms:{region}:{account}:key/{name}"
    KEY_ALIAS = "arn:aws:kms:{region}:{account}:{name}"
    LOG_GROUP = "arn:aws:logs:{region}:{account}:log-group:{name}"
    MODEL = "arn:aws:bedrock:{region}::foundation-model/{name}"
    NETWORK_INTERFACE = "arn:aws:ec2:{region}:{account}:network-interface/{name}"
    POLICY = "arn:aws:iam::{account}:policy/{name}"
    QUOTA = "arn:aws:servicequotas:{region}:{account}:{name}"
    QUEUE = "arn:aws:sqs:{region}:{account}:{name}"
    ROLE = "arn:aws:iam::{account}:role/{name}"
    RULE = "arn:aws:events:{region}:{account}:rule/{name}"
    SECRET = "arn:aws:secretsmanager:{region}:{account}:secret:{name}"  # noqa: S105 - its ARN
    SECURITY_GROUP = "arn:aws:ec2:{region}:{account}:security-group/{name}"
    STATE_MACHINE = "arn:aws:states:{region}:{account}:stateMachine:{name}"
    SUBNET = "arn:aws:ec2:{region}:{account}:subnet/{name}"
    TABLE = "arn:aws:dynamodb:{region}:{account}:table/{name}"
    TOPIC = "arn:aws:sns:{region}:{account}:{name}"
    USER = "arn:aws:iam::{account}:user/{name}"
    USER_POOL = "arn:aws:cognito-idp:{region}:{account}:userpool/{name}"

    def of(self, region: str, account: str, name: str = "") -> str:
        """The ARN of one resource."""
        return self.format(region=region, account=account, name=name)
