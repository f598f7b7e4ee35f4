"""The program of an archive against the live one: which aliases move, and what no version has."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from components.settings import STATE_MACHINE_PIN
from handlers.contract.functions import FUNCTIONS
from ops.backups.archive import Archive
from ops.backups.contents import ALIASES, definition_member, function_member
from ops.rollback.plan import Move, Owner, moves
from ops.rollback.versions import Content, read_content, read_owner
from ops.stack import Stack


@dataclass(frozen=True)
class ProgramPlan:
    """moves: of aliases, to versions that hold what was saved. absent: no version holds it."""

    moves: list[Move]
    absent: list[str]


def plan_program(stack: Stack, archive: Archive) -> ProgramPlan:
    """Compare every function and the definition with what the archive has."""
    aliases: dict[str, dict[str, float]] = json.loads(archive.read(ALIASES))
    wanted: dict[str, dict[str, str]] = {
        STATE_MACHINE_PIN: {"definition": _saved_definition(stack, archive, aliases)},
        **{spec.name: _saved_facts(archive, spec.name) for spec in FUNCTIONS},
    }
    owners, targets, absent = list[Owner](), dict[str, int](), list[str]()
    for name, facts in wanted.items():
        owner = read_owner(stack, name)
        owners.append(owner)
        newest_first = sorted(owner.published, reverse=True)
        for version in [owner.live, *newest_first]:
            if holds(read_content(stack, name, version), facts):
                targets[name] = version
                break
        else:
            absent.append(name)
    to_do = [move for move in moves(owners, targets) if not move.is_done]
    return ProgramPlan(to_do, absent)


def holds(content: Content, facts: dict[str, str]) -> bool:
    """Whether a version has what was saved of one."""
    held = {**content.facts, "definition": _digest(content.definition)}
    return all(held.get(name) == value for name, value in facts.items())


def _saved_facts(archive: Archive, name: str) -> dict[str, str]:
    saved: dict[str, Any] = json.loads(archive.read(function_member(name)))
    return {
        "CodeSha256": saved["CodeSha256"],
        "time-out": f"{saved['Timeout']} s",
        "memory": f"{saved['MemorySize']} MB",
    }


def _saved_definition(stack: Stack, archive: Archive, aliases: dict[str, dict[str, float]]) -> str:
    weights = aliases[STATE_MACHINE_PIN]
    version = max(weights, key=lambda each: weights[each])
    saved = archive.read(definition_member(int(version))).decode()
    # A stack whose region is lost is restored in another one: its ARNs differ in the region alone.
    return _digest(saved.replace(f":{archive.manifest.region}:", f":{stack.names.region}:"))


def _digest(definition: str) -> str:
    """Of the JSON, whatever its layout."""
    if not definition:
        return ""
    canonical = json.dumps(json.loads(definition), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
