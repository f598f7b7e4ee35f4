"""The resource types whose normal change is a replacement."""

REPLACED_BY: dict[str, tuple[str, ...]] = {
    "aws:acm/certificate:Certificate": ("domainName", "subjectAlternativeNames"),
    "aws:apigatewayv2/deployment:Deployment": ("triggers",),
    "aws:backup/selection:Selection": ("resources", "selectionTags"),
    "aws:iam/accessKey:AccessKey": ("user",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("policyArn", "role"),
    "aws:kms/grant:Grant": ("operations", "constraints", "granteePrincipal"),
    "aws:lambda/invocation:Invocation": ("input",),
    "aws:lambda/layerVersion:LayerVersion": ("code", "compatibleRuntimes"),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": ("versionNumber", "principal"),
    "aws:lambda/permission:Permission": ("principal", "qualifier", "sourceArn"),
    "aws:secretsmanager/secretVersion:SecretVersion": ("secretString", "secretBinary"),
    "aws:sns/topicSubscription:TopicSubscription": ("endpoint", "topic"),
}
"""Type -> the inputs that change in normal operation, each of which replaces the resource.

(terraform-provider-aws: ForceNew; AWS has no call that updates them.)
"""
