"""Who may use a resource or assume a role, and on whose behalf."""

from collections.abc import Iterator

from policies import deployment_program, operators
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.documents import (
    named_principals,
    resource_statements,
    statements,
    trust_documents,
)
from policies.stack.resource_graph import Resource, ResourceGraph
from policies.stack.resource_policies import NO_SOURCE_FOR_KEYS, names_its_source
from policies.stack.roles import HOLDER_TYPES, has_role, role_of, service_of

_INVOKE_ACTIONS = ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl")

_WITHOUT_SOURCE = {
    "lambda.amazonaws.com": "AWS documents no aws:Source* key for assuming an execution role",
}
"""Services that send no source when they assume a role -> why; iam:PassRole limits these roles."""


@resource_policy(
    "access-no-open-principal",
    on=(),
    risk="Anybody may use the key, topic, queue, secret or function.",
    fix="Name the principal: a service under aws:SourceArn, or this account's root.",
    source="Security Hub SNS.4, SQS.3, Lambda.1, KMS.5; NIST 800-53 AC-3; PCI DSS v4.0.1 7.2.1",
)
def no_open_principal(resource: Resource) -> Iterator[str]:
    """No Allow names everybody, whatever its conditions."""
    for path, name in named_principals(resource):
        if "*" in name:
            yield f"{path} is everybody"
    for statement in resource_statements(resource):
        if statement.allows and any("*" in name for _, name in statement.principals):
            yield f"{', '.join(statement.actions)} is allowed to everybody"
    if (
        resource.type == resource_types.FUNCTION_URL
        and resource.props["authorizationType"] != "AWS_IAM"
    ):
        yield "the function's URL needs no authorization"


@stack_policy(
    "access-named-actions",
    risk="A service or account may do more with a resource than it needs.",
    fix="Name the actions. Only this account's root may be allowed all of them, and only on a key.",
    source="NIST 800-53 AC-6; AWS KMS Developer Guide: key policies",
)
def named_actions(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Resource policies allow named actions, and Lambda permissions only allow to invoke."""
    root = {("AWS", f"arn:aws:iam::{graph.account}:root"), ("AWS", graph.account)}
    for resource in graph.resources:
        for statement in resource_statements(resource):
            is_root = resource.type == resource_types.KEY and set(statement.principals) <= root
            for action in statement.actions if statement.allows and not is_root else ():
                if "*" in action or "?" in action:
                    principals = ", ".join(name for _, name in statement.principals)
                    yield resource, f"{action} is allowed to {principals}"
        if (
            resource.type == resource_types.PERMISSION
            and resource.props["action"] not in _INVOKE_ACTIONS
        ):
            yield resource, f"{resource.props['action']} allows more than to invoke the function"


@stack_policy(
    "access-own-account",
    risk="Another account may use a resource.",
    fix="Name only this account, its roles named PROJECT-STACK-... and AWS's services; share by the"
    " stack's exports.",
    source="AWS IAM User Guide: IAM Access Analyzer, external access; NIST 800-53 AC-3",
)
def own_account(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """The accounts in resource policies are this one, and its roles are the product's."""
    own = {graph.account, f"arn:aws:iam::{graph.account}:root"}
    for resource in graph.resources:
        role = f"arn:aws:iam::{graph.account}:role/{resource.project}-{resource.stack}-"

        def is_own(name: str, role: str = role) -> bool:
            return name in own or name in graph.arns or (name.startswith(role) and "*" not in name)

        for statement in resource_statements(resource):
            for kind, name in statement.principals:
                is_service = kind == "Service" and name.endswith(".amazonaws.com")
                if statement.allows and name != "*" and not is_service and not is_own(name):
                    yield resource, f"{name} is allowed {', '.join(statement.actions)}"
        for path, name in named_principals(resource):
            if "*" not in name and not name.endswith(".amazonaws.com") and not is_own(name):
                yield resource, f"{path} is {name}"


@resource_policy(
    "access-no-confused-deputy",
    on=(),
    risk="An AWS service uses a resource on behalf of another account.",
    fix="Give the statement a condition on aws:SourceAccount or aws:SourceArn (log groups: on the"
    " encryption context of their ARNs; Lambda: source_arn).",
    source="AWS IAM User Guide: the confused deputy problem; CloudWatch Logs User Guide: encrypt"
    " log data using AWS KMS; Security Hub Lambda.1",
)
def no_confused_deputy(resource: Resource) -> Iterator[str]:
    """A service is allowed on behalf of named sources only, if it sends them."""
    for statement in resource_statements(resource):
        without_source = NO_SOURCE_FOR_KEYS if resource.type == resource_types.KEY else ()
        services = [
            name
            for kind, name in statement.principals
            if kind == "Service" and name not in without_source
        ]
        context = "kms:EncryptionContext:aws:logs:arn"
        is_limited = names_its_source(statement) or statement.condition(context, "ArnEquals")
        if statement.allows and services and not is_limited:
            yield f"{', '.join(services)} is allowed on behalf of any account"
    if resource.type == resource_types.PERMISSION and resource.read("sourceArn") is None:
        principal = resource.props["principal"]
        yield f"{principal} may invoke the function on behalf of any account: no sourceArn"


@resource_policy(
    "iam-trust",
    on={resource_types.ROLE},
    risk="Another principal assumes the role, or a service does on behalf of another account.",
    fix="Trust one service with sts:AssumeRole, under aws:SourceAccount or aws:SourceArn (except "
    + ", ".join(_WITHOUT_SOURCE)
    + ", which sends neither); an operators' role trusts named people with a second factor.",
    source="AWS IAM User Guide: the confused deputy problem; NIST 800-53 AC-3",
)
def trust(resource: Resource) -> Iterator[str]:
    """One service may assume a role, on behalf of named sources; people the operators' roles."""
    for document in trust_documents(resource):
        allowed = [each for each in statements(document) if each.allows]
        if operators.kind_of(resource):
            yield from operators.trust_problems(resource, allowed)
            continue
        if len({principal for each in allowed for principal in each.principals}) != 1:
            yield "it must have exactly one principal that may assume it"
        if deployment_program.declares(resource):
            yield from deployment_program.trust_problems(resource, allowed)
            continue
        for statement in allowed:
            if [action.lower() for action in statement.actions] != ["sts:assumerole"]:
                yield f"{', '.join(statement.actions)} is allowed, only sts:AssumeRole may be"
            for kind, name in statement.principals:
                if kind != "Service":
                    yield f"{kind} {name} may assume it, only a service may"
                elif name not in _WITHOUT_SOURCE and not names_its_source(statement):
                    yield (
                        f"{name} may assume it on behalf of any account: no aws:SourceAccount or"
                        " aws:SourceArn names one"
                    )


@stack_policy(
    "iam-one-role-each",
    risk="Functions share a role, so each may do what the other needs.",
    fix="Give every function, state machine, schedule and target its own role, which trusts its"
    " service; delete all others.",
    source="guide: IAM権限の最小化; design: WorkflowFunctions",
)
def one_role_each(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every role belongs to exactly one holder, whose service it trusts."""
    # CI assumes the deployment program's roles, people the operators'.
    roles = [
        role
        for role in graph.of(resource_types.ROLE)
        if not deployment_program.declares(role) and not operators.kind_of(role)
    ]
    holders: dict[str, list[Resource]] = {role.urn: [] for role in roles}
    for holder in graph.of(*HOLDER_TYPES):
        role = role_of(graph, holder)
        if role is None:
            if holder.type in (resource_types.FUNCTION, resource_types.MACHINE) or has_role(holder):
                yield holder, "its role is not declared in this stack"
        elif role.urn in holders:
            holders[role.urn].append(holder)
            service = service_of(holder)
            regional = service.replace(".", f".{graph.region}.", 1)
            trusted = str(role.props["assumeRolePolicy"])
            if f'"{service}"' not in trusted and f'"{regional}"' not in trusted:
                yield role, f"{holder.name} has it, but {service} may not assume it"
    for urn, found in holders.items():
        if len(found) != 1:
            names = ", ".join(sorted(each.name for each in found)) or "no function or state machine"
            yield graph.by_urn[urn], f"{names} has it, exactly one must"
