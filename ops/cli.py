"""The command line `python -m ops COMMAND`: which commands there are, and how an error is shown."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import TypeAdapter
from typer.core import TyperGroup

from components.settings import SettingsError
from handlers.storage.errors import TableUnavailableError
from ops.backups import backup_commands, restore_commands
from ops.backups.results import BackedUp, BackupList, Held, RestoredAll, RestoredTable
from ops.commands import executions
from ops.commands.doctor import doctor_command
from ops.commands.goal import goal_command
from ops.commands.logs import logs_command
from ops.commands.preflight import preflight_command
from ops.commands.prune import prune_command
from ops.commands.psql import psql_command
from ops.commands.query import query_command
from ops.commands.results import (
    Diagnosis,
    ExecutionList,
    LogLines,
    Picture,
    Preflight,
    Pruned,
    QueryAnswer,
    Retried,
    RolledBack,
    Stopped,
    Verified,
)
from ops.commands.rollback import rollback_command
from ops.commands.trace import trace_command
from ops.commands.verify import verify_command
from ops.executions.goal import Goal
from ops.executions.reading import Execution
from ops.maintenance.commands import Maintenance, maintenance_command
from ops.problems import OperatorError, sentence
from ops.support.commands import SupportBundle, support_bundle_command
from ops.tune.commands import KnobList, MemoryRun, tune_command, tune_memory_command

FAILED = 1

_EXPECTED = (
    BotoCoreError,
    ClientError,
    OperatorError,
    OSError,
    SettingsError,
    TableUnavailableError,
)
"""Errors that an operator can do something about; any other one is a defect, with a traceback."""


@dataclass(frozen=True)
class Command:
    """A command; `result` is the type of what it prints with --json, None without that option."""

    name: str
    run: Callable[..., None]
    result: Any
    settings: dict[str, Any] | None = None


COMMANDS = (
    Command("preflight", preflight_command, Preflight),
    Command("verify", verify_command, Verified),
    Command("rollback", rollback_command, RolledBack),
    Command("executions list", executions.list_command, ExecutionList),
    Command("executions show", executions.show_command, Execution),
    Command("executions watch", executions.watch_command, Execution),
    Command("executions stop", executions.stop_command, Stopped),
    Command("executions retry", executions.retry_command, Retried),
    Command("goal", goal_command, Goal),
    Command("doctor", doctor_command, Diagnosis),
    Command("logs", logs_command, LogLines),
    Command("query", query_command, QueryAnswer),
    Command("trace", trace_command, Picture),
    Command("maintenance", maintenance_command, Maintenance),
    Command("tune settings", tune_command, KnobList),
    Command("tune memory", tune_memory_command, MemoryRun),
    Command("support-bundle", support_bundle_command, SupportBundle),
    Command("prune", prune_command, Pruned),
    Command("backup create", backup_commands.create_command, BackedUp),
    Command("backup list", backup_commands.list_command, BackupList),
    Command("backup verify", backup_commands.verify_archive_command, Held),
    Command("restore table", restore_commands.restore_table_command, RestoredTable),
    Command("restore all", restore_commands.restore_all_command, RestoredAll),
    Command(
        "psql",
        psql_command,
        None,
        {"ignore_unknown_options": True, "allow_interspersed_args": False},
    ),
)
GROUPS = {
    "executions": "List, show, watch, stop and retry executions.",
    "backup": "Back a stack up into one archive (create, if no other is named); list, verify.",
    "restore": "Restore the table, or a whole stack.",
    "tune": "Which of the guide's knobs to turn (settings, if no other is named); memory.",
}
DEFAULTS = {"backup": "create", "tune": "settings"}
"""Group -> the command that its options alone mean: `backup --stack prod`."""


class Group(TyperGroup):
    """A group of commands, one of which may be left out."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before options that are not the group's own."""
        default = DEFAULTS.get(self.name or "")
        is_option = bool(args) and args[0].startswith("-") and args[0] != "--help"
        return super().parse_args(ctx, [default, *args] if default and is_option else args)


def main(arguments: Sequence[str]) -> int:
    """Run one command. Exit status: 0 done, 1 failed or defects found, 2 bad usage."""
    try:
        application()([*arguments], prog_name=_executable() or "python -m ops")
    except SystemExit as end:  # typer's way to end, also after success
        return end.code if isinstance(end.code, int) else FAILED
    except _EXPECTED as error:
        text = _text(error)
        if "--json" in arguments:
            print(json.dumps({"error": text}, ensure_ascii=False))
        print(text, file=sys.stderr)
        return FAILED
    return 0


def application() -> typer.Typer:
    """The commands as typer's application; it ends with SystemExit."""
    app = typer.Typer(
        help="The operators' commands: each works on one stack, --stack NAME or --local.",
        rich_markup_mode=None,
        no_args_is_help=True,
        add_completion=bool(_executable()),  # shells complete an executable, not `python -m`
        pretty_exceptions_enable=False,
    )
    groups = {"": app}
    for command in COMMANDS:
        group, _, name = command.name.rpartition(" ")
        if group not in groups:
            groups[group] = typer.Typer(cls=Group, rich_markup_mode=None, no_args_is_help=True)
            app.add_typer(groups[group], name=group, help=GROUPS[group])
        groups[group].command(name, context_settings=command.settings)(command.run)
    app.command("schema")(_schema)
    return app


def _executable() -> str | None:
    """The name under which `ops/bin/goal-ops` called."""
    return os.environ.get("GOAL_OPS")


def _schema(
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="one with --json")],
) -> None:
    """Print the JSON schema of what a command prints with --json.

    \b
    Example:
      python -m ops schema verify
    """
    results = {each.name: each.result for each in COMMANDS if each.result is not None}
    name = " ".join(command)
    if name not in results:
        raise typer.BadParameter(f"COMMAND {name}: allowed are {', '.join(results)}")
    print(json.dumps(TypeAdapter(results[name]).json_schema(), indent=2))


def _text(error: Exception) -> str:
    """What is wrong, as one sentence for the operator."""
    if isinstance(error, OperatorError):
        return str(error)
    if isinstance(error, SettingsError):
        return f"The stack's settings are not usable: {error}"
    if isinstance(error, TableUnavailableError):
        return sentence(error.__cause__ or error)
    if isinstance(error, OSError):  # mostly of a file or folder that an option names
        return f"{error.filename or 'The system'}: {error.strerror or error}"
    return sentence(error)
