"""The policy pack over every stack, as a preview would report it."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from checks.pack import report
from checks.pack.sarif import sarif
from checks.pack.stacks import analyze, preview
from checks.pack.switches import Configuration, exemptions, gone, levels
from checks.pack.workflows import problems_of
from components.settings import ENVIRONMENTS
from declared.program import ROOT
from localcloud.pulumi_cli import NoEngineError, ProviderTarget, pulumi_engine
from policies.pack import policies

WITH_ENGINE = (
    "left out: AWS's own provider, which checks inputs before the engine passes them on; the"
    " embedded cloud's provider took its place"
)
WITHOUT_ENGINE = (
    "left out: Pulumi's engine and AWS's provider ({reason}); the pack's server was called over"
    " Pulumi's Analyzer protocol with the resources that the SDK declares in a preview"
)


def main(arguments: list[str]) -> int:
    """Print every violation. Exit status 1 if there is one, or if a policy did not run."""
    parser = argparse.ArgumentParser(prog="python -m checks.pack", description=__doc__)
    parser.add_argument("stacks", nargs="*", metavar="STACK", help=", ".join(ENVIRONMENTS))
    parser.add_argument(
        "--config", type=Path, help="JSON, as for pulumi --policy-pack-config: exemptions"
    )
    parser.add_argument("--explain", metavar="POLICY", help="say what a policy asks, and why")
    parser.add_argument("--sarif", type=Path, metavar="FILE", help="write the violations as SARIF")
    options = parser.parse_args(arguments)
    if options.explain:
        try:
            sys.stdout.write(f"{report.explained(options.explain, policies())}\n")
        except LookupError as error:
            parser.error(str(error))
        return 0
    stacks: list[str] = options.stacks or list(ENVIRONMENTS)
    if unknown := set(stacks) - set(ENVIRONMENTS):
        parser.error(f"no stack {', '.join(unknown)}: {', '.join(ENVIRONMENTS)}")
    try:
        config = _configuration(options.config)
    except (OSError, ValueError) as error:
        parser.error(f"--config {options.config}: {error}")
    try:
        with pulumi_engine(ProviderTarget("")) as engine:
            results = {stack: preview(engine, stack, options.config) for stack in stacks}
        left_out = WITH_ENGINE
    except NoEngineError as error:
        results = {stack: analyze(stack, config) for stack in stacks}
        left_out = WITHOUT_ENGINE.format(reason=error)
    for stack, result in results.items():
        for line in report.violations(stack, result.violations, policies()):
            sys.stdout.write(f"{line}\n")
    if options.sarif:
        log = sarif({name: each.violations for name, each in results.items()}, policies())
        options.sarif.write_text(json.dumps(log, indent=1))
    for line in report.by_stack(results):
        sys.stdout.write(f"{line}\n")
    found = sum(len(result.violations) for result in results.values())
    for problem in problems_of(ROOT / ".github"):
        found += 1
        sys.stdout.write(f"CI: {problem}\n")
    for line in _exempt(config, {stack: result.urns for stack, result in results.items()}):
        sys.stdout.write(f"{line}\n")
    names = {policy.name for policy in policies()}
    given = levels(config, names)
    sys.stdout.write(f"{left_out}\n")
    sys.stdout.write(
        f"stacks {len(stacks)},"
        f" policies {sum(given.get(name) != 'disabled' for name in names)},"
        f" resources {sum(result.resources for result in results.values())},"
        f" violations {found}\n"
    )
    return 1 if found else 0


def _exempt(config: Configuration, declared: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """A line for each exemption; the pack reports those of what is gone."""
    for policy, each in exemptions(config):
        if not gone(each.get("urn", ""), declared):
            shown = ", ".join(f"{name} {value}" for name, value in each.items())
            yield f"exempt: {policy}: {shown}"


def _configuration(path: Path | None) -> dict[str, Any]:
    config: Any = json.loads(path.read_text()) if path else {}
    known = {policy.name for policy in policies()}
    if not isinstance(config, dict) or not (known | {"all"}).issuperset(
        cast("dict[str, Any]", config)
    ):
        raise ValueError("expected an object, policy -> configuration; see docs/policies.md")
    return cast("dict[str, Any]", config)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
