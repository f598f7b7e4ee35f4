"""`preflight`: what a first deployment lacks."""

import os

import typer

from declared.program import stack_config
from ops.commands.options import JsonOption, StackOption, open_stack, stack_name
from ops.commands.output import print_json
from ops.commands.results import Preflight
from ops.preflight.account import account_checks
from ops.preflight.configuration import configuration_checks
from ops.problems import OperatorError
from ops.settings import settings_of
from ops.stack import LOCAL

_SIGNS = {True: "✓", False: "✗", None: "?"}


def preflight_command(*, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Say what a first deployment of a stack lacks, each with the command that provides it.

    Account and region, secrets, alarm e-mails, browser origins, Lambda's quota, model access, the
    caller's permissions. Exit status 1 if something is missing.

    \b
    Example:
      python -m ops preflight --stack dev
    """
    name = stack_name(stack, local=False)
    if name == LOCAL:
        raise typer.BadParameter("--stack local: it needs nothing, run `make local`")
    settings = settings_of(name)
    checks = [*configuration_checks(name, settings, stack_config(name), os.environ)]
    failure = ""
    try:
        checks += account_checks(open_stack(name), settings)
    except OperatorError as error:  # what the file lacks is worth knowing without credentials too
        failure = str(error)
    if as_json:
        print_json(Preflight(checks, failure))
    else:
        for check in checks:
            print(f"{_SIGNS[check.passed]} {check.name}: {check.found}")
            if check.fix:
                print(f"    {check.fix}")
        if failure:
            print(f"? the account: {failure}")
    if failure or any(check.passed is not True for check in checks):
        raise typer.Exit(1)
