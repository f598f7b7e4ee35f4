"""What a stack's file lacks: no call to AWS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.settings import ENVIRONMENT_VARIABLES, Settings, key

EXAMPLE_ACCOUNT = "123456789012"
"""The guide's, in the stack files as they come."""

_SECRETS = {
    "database_url": "postgresql://...",
    "jwt_secret": '"$(openssl rand -hex 32)"',
    "slack_webhook": "https://hooks.slack.com/...",
}


@dataclass(frozen=True)
class Check:
    """passed: None where it could not be asked. fix: empty if it passed."""

    name: str
    passed: bool | None
    found: str
    fix: str = ""


def configuration_checks(
    stack: str, settings: Settings, config: Mapping[str, str], environ: Mapping[str, str]
) -> Iterator[Check]:
    """The checks of the stack's file.

    config: key -> text, as in the file. environ: variables override secrets.
    """
    yield _account(stack, settings)
    for field, example in _SECRETS.items():
        yield _secret(stack, field, example, config, environ)
    yield _emails(stack, settings)
    yield _origins(stack, settings)
    yield _runbook(stack, settings)


def _account(stack: str, settings: Settings) -> Check:
    is_example = settings.account_id == EXAMPLE_ACCOUNT
    found = f"{settings.account_id} in {settings.region}"
    fix = (
        f"pulumi config set --stack {stack} goal-mandala:accountId"
        ' "$(aws sts get-caller-identity --query Account --output text)"'
    )
    return Check(
        "account and region",
        not is_example,
        f"{found}, the guide's example account" if is_example else found,
        fix if is_example else "",
    )


def _secret(
    stack: str, field: str, example: str, config: Mapping[str, str], environ: Mapping[str, str]
) -> Check:
    name, variable = key(field), ENVIRONMENT_VARIABLES[field]
    where = f"in Pulumi.{stack}.yaml" if name in config else f"in {variable}"
    has = name in config or bool(environ.get(variable))
    fix = f"pulumi config set --stack {stack} --secret {name} {example}"
    return Check(f"secret {name}", has, where if has else "missing", "" if has else fix)


def _emails(stack: str, settings: Settings) -> Check:
    count = len(settings.alert_emails)
    fix = f"pulumi config set --stack {stack} --path 'goal-mandala:alertEmails[0]' you@example.com"
    found = (
        f"{count}, each to be confirmed by its reader" if count else "none: only Slack gets alarms"
    )
    return Check("alarm e-mails", bool(count), found, "" if count else fix)


def _origins(stack: str, settings: Settings) -> Check:
    if not settings.browser_client:
        return Check("browser origins", True, "none: browserClient is false, no web client calls")
    found = ", ".join(settings.cors_origins) or "none"
    is_local = any("//localhost" in origin for origin in settings.cors_origins)
    good = bool(settings.cors_origins) and not (is_local and stack == "prod")
    fix = (
        f"pulumi config set --stack {stack} --path 'goal-mandala:corsOrigins[0]'"
        " https://goals.example.com"
    )
    return Check("browser origins", good, found, "" if good else fix)


def _runbook(stack: str, settings: Settings) -> Check:
    address = settings.alarms.runbook
    good = address.startswith("https://")
    found = address if good else f"{address}, to which Slack cannot link"
    fix = (
        f"pulumi config set --stack {stack} --path goal-mandala:alarms.runbook"
        " https://github.com/OWNER/REPOSITORY/blob/main/docs/runbook.md"
    )
    return Check("runbook's address", good, found, "" if good else fix)
