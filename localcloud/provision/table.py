"""The provisioner of each resource type that a program may declare."""

from localcloud.provision.local_function import FUNCTION
from localcloud.provision.provisioner import Provisioner
from localcloud.provision.services import (
    apigateway,
    backup,
    cloudwatch,
    cognito,
    dynamodb,
    events,
    iam,
    kms,
    lambda_functions,
    lambda_invocations,
    logs,
    s3,
    secretsmanager,
    sns,
    sqs,
    stepfunctions,
)

BUCKET_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)

PROVISIONERS: dict[str, Provisioner] = {
    "aws:apigatewayv2/api:Api": Provisioner(
        apigateway.create_api,
        apigateway.read_api,
        apigateway.delete_api,
        apigateway.update_api,
    ),
    "aws:apigatewayv2/authorizer:Authorizer": Provisioner(
        apigateway.create_authorizer,
        apigateway.read_authorizer,
        apigateway.delete_authorizer,
        apigateway.update_authorizer,
    ),
    "aws:apigatewayv2/integration:Integration": Provisioner(
        apigateway.create_integration,
        apigateway.read_integration,
        apigateway.delete_integration,
        apigateway.update_integration,
    ),
    "aws:apigatewayv2/route:Route": Provisioner(
        apigateway.create_route,
        apigateway.read_route,
        apigateway.delete_route,
        apigateway.update_route,
    ),
    "aws:apigatewayv2/stage:Stage": Provisioner(
        apigateway.create_stage,
        apigateway.read_stage,
        apigateway.delete_stage,
        apigateway.update_stage,
    ),
    "aws:backup/plan:Plan": Provisioner(
        backup.create_plan,
        backup.read_plan,
        backup.delete_plan,
        backup.update_plan,
    ),
    "aws:backup/selection:Selection": Provisioner(
        backup.create_selection,
        backup.read_selection,
        backup.delete_selection,
    ),
    "aws:backup/vault:Vault": Provisioner(
        backup.create_vault,
        backup.read_vault,
        backup.delete_vault,
        backup.update_vault,
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Provisioner(
        cloudwatch.create_composite,
        cloudwatch.read_composite,
        cloudwatch.delete_alarm,
        cloudwatch.update_composite,
    ),
    "aws:cloudwatch/dashboard:Dashboard": Provisioner(
        cloudwatch.create_dashboard,
        cloudwatch.read_dashboard,
        cloudwatch.delete_dashboard,
        cloudwatch.update_dashboard,
    ),
    "aws:cloudwatch/eventRule:EventRule": Provisioner(
        events.create_rule,
        events.read_rule,
        events.delete_rule,
        events.update_rule,
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Provisioner(
        events.create_target,
        events.read_target,
        events.delete_target,
        events.update_target,
    ),
    "aws:cloudwatch/logGroup:LogGroup": Provisioner(
        logs.create_log_group,
        logs.read_log_group,
        logs.delete_log_group,
        logs.update_log_group,
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Provisioner(
        cloudwatch.create_alarm,
        cloudwatch.read_alarm,
        cloudwatch.delete_alarm,
        cloudwatch.update_alarm,
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Provisioner(
        cloudwatch.create_query_definition,
        cloudwatch.read_query_definition,
        cloudwatch.delete_query_definition,
        cloudwatch.update_query_definition,
    ),
    "aws:cognito/userGroup:UserGroup": Provisioner(
        cognito.create_group, cognito.read_group, cognito.delete_group, cognito.update_group
    ),
    "aws:cognito/userPool:UserPool": Provisioner(
        cognito.create_pool,
        cognito.read_pool,
        cognito.delete_pool,
        cognito.update_pool,
    ),
    "aws:cognito/userPoolClient:UserPoolClient": Provisioner(
        cognito.create_client,
        cognito.read_client,
        cognito.delete_client,
        cognito.update_client,
    ),
    "aws:dynamodb/table:Table": Provisioner(
        dynamodb.create_table,
        dynamodb.read_table,
        dynamodb.delete_table,
        dynamodb.update_table,
    ),
    "aws:iam/role:Role": Provisioner(
        iam.create_role,
        iam.read_role,
        iam.delete_role,
        iam.update_role,
    ),
    "aws:iam/rolePolicy:RolePolicy": Provisioner(
        iam.create_role_policy,
        iam.read_role_policy,
        iam.delete_role_policy,
        iam.update_role_policy,
    ),
    "aws:kms/alias:Alias": Provisioner(
        kms.create_alias,
        kms.read_alias,
        kms.delete_alias,
        kms.update_alias,
    ),
    "aws:kms/key:Key": Provisioner(
        kms.create_key,
        kms.read_key,
        kms.delete_key,
        kms.update_key,
    ),
    "aws:lambda/alias:Alias": Provisioner(
        lambda_functions.create_alias,
        lambda_functions.read_alias,
        lambda_functions.delete_alias,
        lambda_functions.update_alias,
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Provisioner(
        lambda_invocations.create_event_source_mapping,
        lambda_invocations.read_event_source_mapping,
        lambda_invocations.delete_event_source_mapping,
        lambda_invocations.update_event_source_mapping,
    ),
    FUNCTION: Provisioner(
        lambda_functions.create_function,
        lambda_functions.read_function,
        lambda_functions.delete_function,
        lambda_functions.update_function,
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Provisioner(
        lambda_invocations.create_invoke_config,
        lambda_invocations.read_invoke_config,
        lambda_invocations.delete_invoke_config,
        lambda_invocations.update_invoke_config,
    ),
    "aws:lambda/permission:Permission": Provisioner(
        lambda_functions.create_permission,
        lambda_functions.read_permission,
        lambda_functions.delete_permission,
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Provisioner(
        lambda_invocations.create_provisioned_concurrency,
        lambda_invocations.read_provisioned_concurrency,
        lambda_invocations.delete_provisioned_concurrency,
        lambda_invocations.update_provisioned_concurrency,
    ),
    "aws:s3/bucket:Bucket": Provisioner(
        s3.create_bucket,
        s3.read_bucket,
        s3.delete_bucket,
        s3.update_bucket,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Provisioner(
        s3.put_lifecycle,
        s3.read_lifecycle,
        s3.delete_lifecycle,
        s3.by_putting(s3.put_lifecycle),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Provisioner(
        s3.put_ownership,
        s3.read_ownership,
        s3.delete_ownership,
        s3.by_putting(s3.put_ownership),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Provisioner(
        s3.put_policy,
        s3.read_policy,
        s3.delete_policy,
        s3.by_putting(s3.put_policy),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Provisioner(
        s3.put_public_access_block,
        s3.read_public_access_block,
        s3.delete_public_access_block,
        s3.by_putting(s3.put_public_access_block),
    ),
    BUCKET_ENCRYPTION: Provisioner(
        s3.put_encryption,
        s3.read_encryption,
        s3.delete_encryption,
        s3.by_putting(s3.put_encryption),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Provisioner(
        s3.put_versioning,
        s3.read_versioning,
        s3.suspend_versioning,
        s3.by_putting(s3.put_versioning),
    ),
    "aws:secretsmanager/secret:Secret": Provisioner(
        secretsmanager.create_secret,
        secretsmanager.read_secret,
        secretsmanager.delete_secret,
        secretsmanager.update_secret,
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Provisioner(
        secretsmanager.create_version, secretsmanager.read_version, secretsmanager.delete_version
    ),
    "aws:sfn/alias:Alias": Provisioner(
        stepfunctions.create_alias,
        stepfunctions.read_alias,
        stepfunctions.delete_alias,
        stepfunctions.update_alias,
    ),
    "aws:sfn/stateMachine:StateMachine": Provisioner(
        stepfunctions.create_machine,
        stepfunctions.read_machine,
        stepfunctions.delete_machine,
        stepfunctions.update_machine,
    ),
    "aws:sns/topic:Topic": Provisioner(
        sns.create_topic,
        sns.read_topic,
        sns.delete_topic,
        sns.update_topic,
    ),
    "aws:sns/topicPolicy:TopicPolicy": Provisioner(
        sns.create_topic_policy,
        sns.read_topic_policy,
        sns.delete_topic_policy,
        sns.update_topic_policy,
    ),
    "aws:sns/topicSubscription:TopicSubscription": Provisioner(
        sns.create_subscription,
        sns.read_subscription,
        sns.delete_subscription,
        sns.update_subscription,
    ),
    "aws:sqs/queue:Queue": Provisioner(
        sqs.create_queue,
        sqs.read_queue,
        sqs.delete_queue,
        sqs.update_queue,
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Provisioner(
        sqs.create_queue_policy,
        sqs.read_queue_policy,
        sqs.delete_queue_policy,
        sqs.update_queue_policy,
    ),
}
