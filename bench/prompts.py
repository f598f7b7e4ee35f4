"""`python -m bench.prompts OLD`: this checkout's prompt against an older one, on recorded actions.

Those of a stack whose answers broke the rules (INVALID_ANSWER), which a better prompt answers; or,
with `--among kept`, those whose answers were valid, which a shorter prompt must not lose. The model
is asked about each of them once with either prompt, without a repair, and the answers are judged as
task-generation judges them. Users' texts go to the model and nowhere else: what is printed is
counts, and the names of rules. The old prompt is its system prompt, question and tool; the fence
around the texts is this checkout's.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from handlers.contract.errors import ErrorCode
from handlers.generation import prompt as current
from handlers.generation.answer import read_tasks
from handlers.generation.errors import GenerationError, InvalidAnswerError
from handlers.generation.model import Model
from handlers.generation.rules import RULES
from handlers.generation.tool import Decoding, tool_config
from handlers.storage.models import ActionContext, WorkItem
from localcloud.aws.clients import root_client
from localcloud.cluster.state import CloudState
from ops.commands.options import open_stack
from ops.executions.reading import list_executions, table_of
from ops.problems import OperatorError
from ops.settings import settings_of
from ops.stack import LOCAL, Stack
from ops.times import moment

_FOLDER = "handlers/generation"
_EXECUTIONS = 500
_MOST_KEPT = 200


@dataclass(frozen=True)
class Prompt:
    """A version: instructions and tool by an action's rules, and the question by its texts."""

    version: str
    instructions: Callable[..., Any]
    tool: Callable[..., Any]
    question: Callable[[ActionContext], Any]


@dataclass
class Score:
    """valid of asked; broken: what the other answers did wrong, and how often.

    tokens: of all requests that were answered, as the model counts them.
    """

    version: str
    asked: int = 0
    valid: int = 0
    tokens: int = 0
    broken: Counter[str] = field(default_factory=Counter[str])

    def __str__(self) -> str:
        wrong = ", ".join(f"{problem} {times}" for problem, times in self.broken.most_common())
        mean = round(self.tokens / max(self.asked, 1))
        valid = f"{self.valid} of {self.asked} valid{wrong and f' ({wrong})'}"
        return f"prompt {self.version}: {valid}, {mean} tokens in"


def prompt_now() -> Prompt:
    """The checkout's prompt."""
    return Prompt(current.PROMPT_VERSION, current.system_prompt, tool_config, current.user_message)


def prompt_of(revision: str) -> Prompt:
    """The prompt of a commit or tag. Raises OperatorError if there is none."""
    held, tool = _module_of(revision, "prompt"), _module_of(revision, "tool")
    return Prompt(
        held["PROMPT_VERSION"], held["system_prompt"], tool["tool_config"], held["user_message"]
    )


def _module_of(revision: str, name: str) -> dict[str, Any]:
    place = f"{revision}:{_FOLDER}/{name}.py"
    shown = subprocess.run(["git", "show", place], capture_output=True, text=True, check=False)
    if shown.returncode:
        raise OperatorError(f"{revision} has no {_FOLDER}/{name}.py: {shown.stderr.strip()}")
    held: dict[str, Any] = {"__name__": f"{name}_of_{revision}"}
    exec(compile(shown.stdout, place, "exec"), held)  # noqa: S102 - our own code
    return held


def failures_of(stack: Stack, since: datetime) -> list[WorkItem]:
    """The actions whose answers broke the rules, of the newest executions since then."""
    return [
        item
        for each in _executions(stack, since)
        if each.failed
        for item in table_of(stack).work_items.of(each.execution_id)
        if item.error_code == ErrorCode.INVALID_ANSWER
    ]


def kept_of(stack: Stack, since: datetime) -> list[WorkItem]:
    """Up to 200 actions whose first answer was valid, of the newest executions since then."""
    kept = (
        item
        for each in _executions(stack, since)
        for item in table_of(stack).work_items.of(each.execution_id)
        if item.has_tasks and not item.repairs
    )
    return list(islice(kept, _MOST_KEPT))


def _executions(stack: Stack, since: datetime) -> Any:
    return list_executions(stack, goal_id=None, status=None, since=since, limit=_EXECUTIONS)


_AMONG = {"failed": failures_of, "kept": kept_of}


def client_of(stack: Stack) -> Any:
    """Bedrock, or the embedded cloud's model server."""
    if isinstance(stack.session, CloudState):
        return root_client("bedrock-runtime", stack.session.model_server_url)
    return stack.client("bedrock-runtime")


def compare(
    client: Any, model_id: str, actions: Sequence[WorkItem], prompts: Sequence[Prompt]
) -> list[Score]:
    """How each prompt does on these actions."""
    return [_score(client, model_id, actions, prompt) for prompt in prompts]


def _score(client: Any, model_id: str, actions: Sequence[WorkItem], prompt: Prompt) -> Score:
    model = Model(client, model_id, prompt.instructions, prompt.tool)
    score = Score(prompt.version)
    for item in actions:
        score.asked += 1
        rules = RULES[item.context.action_type]
        metadata = {"actionId": item.action_id, "promptVersion": prompt.version}
        try:
            reply = model.ask(rules, [prompt.question(item.context)], metadata, Decoding.GREEDY)
            score.tokens += reply.usage.input_tokens
            read_tasks(reply.stop_reason, reply.content, rules)
        except InvalidAnswerError as error:
            score.broken.update(error.problems)
        except GenerationError as error:
            score.broken[error.code] += 1
        else:
            score.valid += 1
    return score


def main() -> int:
    """Compare and print; 1 if this checkout's prompt is no better on failures, or worse on kept."""
    parser = argparse.ArgumentParser("python -m bench.prompts", description=__doc__)
    parser.add_argument("old", metavar="OLD", help="the commit or tag with the old prompt")
    parser.add_argument("--stack", default=LOCAL, help=f"whose actions and model ({LOCAL})")
    parser.add_argument("--since", default="7d", metavar="TIME", help="2h, 3d, a time (7d)")
    parser.add_argument(
        "--among",
        default="failed",
        choices=list(_AMONG),
        help=f"actions without a valid answer, or up to {_MOST_KEPT} whose first one was (failed)",
    )
    options = parser.parse_args()
    try:
        stack = open_stack(options.stack)
        since = moment("--since", options.since, datetime.now(UTC))
        actions = _AMONG[options.among](stack, since)
        model_id = settings_of(options.stack).bedrock_model
        prompts = [prompt_of(options.old), prompt_now()]
        old, new = compare(client_of(stack), model_id, actions, prompts)
    except OperatorError as error:
        print(error, file=sys.stderr)
        return 1
    print(old, new, sep="\n")
    enough = old.valid if options.among == "kept" else old.valid + 1
    return 0 if new.valid >= enough else 1


if __name__ == "__main__":
    sys.exit(main())
