"""The workflow's Lambda functions: for each its role, log group, published version and alias."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.bytecode import LAMBDA_PYTHON, lambda_python
from components.compute.function_environment import function_environment
from components.compute.packaging import package
from components.data.stored_secrets import StoredSecrets
from components.iam.documents import document, trust
from components.iam.function_policies import function_policy, secrets, uses_database
from components.names import ALIAS, Names
from components.settings import Settings
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION, DependencySet, FunctionSpec
from handlers.contract.routes import ROUTES

SNAPSHOTTED = frozenset({TASK_GENERATION, *(route.function for route in ROUTES)})
"""What somebody waits for: the API's functions, and the one of which a goal starts two dozen copies
at once. Of the others a goal needs a few, one after the other; each snapshot is paid for."""


@dataclass(frozen=True)
class WorkflowFunctionsArgs:
    """What differs between stacks.

    kms_key_arn: customer key of the functions' environments and logs.
    alarms: names of those that composite alarms consist of: slack-notifier describes them.
    after: what must be there before a function runs: the key's alias, the table.
    """

    names: Names
    settings: Settings
    kms_key_arn: pulumi.Input[str]
    secrets: StoredSecrets
    alarms: Sequence[str]
    after: Sequence[pulumi.Resource]


class WorkflowFunctions(pulumi.ComponentResource):
    """One function, one role, one log group, one alias for each spec of the manifest."""

    functions: dict[FunctionSpec, aws.lambda_.Function]
    aliases: dict[FunctionSpec, aws.lambda_.Alias]

    def __init__(
        self,
        name: str,
        args: WorkflowFunctionsArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("goalmandala:workflow:WorkflowFunctions", name, None, opts)
        self._name = name
        self._args = args
        if lambda_python() is None:
            pulumi.log.warn(
                f"No Python 3.13 on PATH or in {LAMBDA_PYTHON}: the functions' packages hold no "
                "bytecode. Cold starts take longer, and CodeSha256 differs from a build with it.",
                self,
            )
        sets: set[DependencySet] = {spec.dependencies for spec in FUNCTIONS}
        self._packages = {each: package(each) for each in sets}
        self.functions = {spec: self._function(spec) for spec in FUNCTIONS}
        self.aliases = {spec: self._alias(spec) for spec in FUNCTIONS}
        provisioned = args.settings.generation.provisioned_concurrency
        if provisioned:
            alias = self.aliases[TASK_GENERATION]
            aws.lambda_.ProvisionedConcurrencyConfig(
                f"{name}-{TASK_GENERATION.name}-warm",
                function_name=alias.function_name,
                qualifier=alias.name,
                provisioned_concurrent_executions=provisioned,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs(
            {"aliasArns": {spec.name: alias.arn for spec, alias in self.aliases.items()}}
        )

    def _function(self, spec: FunctionSpec) -> aws.lambda_.Function:
        names, settings = self._args.names, self._args.settings
        generation = settings.generation if spec == TASK_GENERATION else None
        vpc = settings.vpc if uses_database(spec) else None
        after = [self._log_group(spec), *self._args.after]
        variables: dict[str, pulumi.Input[str]] = {**function_environment(spec, names, settings)}
        for variable, secret in secrets(spec).items():
            variables[variable.name] = self._args.secrets.secrets[secret].arn
            after.append(self._args.secrets.versions[secret])
        role, policy = self._role(spec)
        return aws.lambda_.Function(
            f"{self._name}-{spec.name}",
            name=names.function(spec),
            role=role.arn,
            runtime="python3.13",
            architectures=["arm64"],
            handler=spec.handler,
            code=pulumi.FileArchive(str(self._packages[spec.dependencies])),
            timeout=generation.timeout if generation else spec.timeout_seconds,
            memory_size=generation.memory if generation else spec.memory_mb,
            reserved_concurrent_executions=generation and generation.reserved_concurrency,
            environment={"variables": variables},
            kms_key_arn=self._args.kms_key_arn,
            tracing_config={"mode": "Active"},
            snap_start={"apply_on": "PublishedVersions"}
            if settings.snap_start and spec in SNAPSHOTTED
            else None,
            vpc_config={
                "subnet_ids": vpc.subnet_ids,
                "security_group_ids": vpc.security_group_ids,
            }
            if vpc
            else None,
            publish=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *after]),
        )

    def _alias(self, spec: FunctionSpec) -> aws.lambda_.Alias:
        function = self.functions[spec]
        pin = self._args.settings.pins.get(spec.name)
        return aws.lambda_.Alias(
            f"{self._name}-{spec.name}-{ALIAS}",
            name=ALIAS,
            function_name=function.name,
            function_version=str(pin) if pin else function.version,
            opts=pulumi.ResourceOptions(parent=function),
        )

    def _log_group(self, spec: FunctionSpec) -> pulumi.Resource:
        settings = self._args.settings
        return aws.cloudwatch.LogGroup(
            f"{self._name}-{spec.name}-log",
            name=self._args.names.function_log_group(spec),
            kms_key_id=self._args.kms_key_arn,
            retention_in_days=settings.log_retention_days,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=settings.protect),
        )

    def _role(self, spec: FunctionSpec) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        names, settings = self._args.names, self._args.settings
        # No aws:SourceArn here: AWS documents none where Lambda assumes an execution role.
        role = aws.iam.Role(
            f"{self._name}-{spec.name}-role",
            name=names.function_role(spec),
            assume_role_policy=trust("lambda.amazonaws.com"),
            permissions_boundary=names.boundary_arn if settings.permissions_boundary else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-{spec.name}-policy",
            name="permissions",
            role=role.name,
            policy=document(function_policy(spec, names, settings, self._args.alarms)),
            opts=pulumi.ResourceOptions(parent=role),
        )
        return role, policy
