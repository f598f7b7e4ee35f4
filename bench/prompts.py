"""`python -m bench.prompts OLD`: this checkout's prompt against an older one, on recorded failures.

The failures are the actions of a stack whose answers broke the rules (INVALID_ANSWER). The model is
asked about each of them once with either prompt, without a repair, and the answers are judged as
task-generation judges them. Users' texts go to the model and nowhere else: what is printed is
counts, and the names of rules.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from handlers.contract.errors import ErrorCode
from handlers.generation import prompt as current
from handlers.generation.answer import read_tasks
from handlers.generation.errors import GenerationError, InvalidAnswerError
from handlers.generation.model import Model
from handlers.generation.rules import RULES
from handlers.generation.tool import Decoding
from handlers.storage.models import ActionContext, WorkItem
from localcloud.aws.clients import root_client
from localcloud.cluster.state import CloudState
from ops.commands.options import open_stack
from ops.executions.reading import list_executions, table_of
from ops.problems import OperatorError
from ops.settings import settings_of
from ops.stack import LOCAL, Stack
from ops.times import moment

_FILE = "handlers/generation/prompt.py"
_EXECUTIONS = 500


@dataclass(frozen=True)
class Prompt:
    """A version: the instructions by an action's rules, and the question by its texts."""

    version: str
    instructions: Callable[..., Any]
    question: Callable[[ActionContext], Any]


@dataclass
class Score:
    """valid of asked; broken: what the other answers did wrong, and how often."""

    version: str
    asked: int = 0
    valid: int = 0
    broken: Counter[str] = field(default_factory=Counter[str])

    def __str__(self) -> str:
        wrong = ", ".join(f"{problem} {times}" for problem, times in self.broken.most_common())
        return f"prompt {self.version}: {self.valid} of {self.asked} valid{wrong and f' ({wrong})'}"


def prompt_now() -> Prompt:
    """The checkout's prompt."""
    return Prompt(current.PROMPT_VERSION, current.system_prompt, current.user_message)


def prompt_of(revision: str) -> Prompt:
    """The prompt of a commit or tag. Raises OperatorError if there is none."""
    shown = subprocess.run(
        ["git", "show", f"{revision}:{_FILE}"], capture_output=True, text=True, check=False
    )
    if shown.returncode:
        raise OperatorError(f"{revision} has no {_FILE}: {shown.stderr.strip()}")
    held: dict[str, Any] = {"__name__": f"prompt_of_{revision}"}
    exec(compile(shown.stdout, f"{revision}:{_FILE}", "exec"), held)  # noqa: S102 - our own code
    return Prompt(held["PROMPT_VERSION"], held["system_prompt"], held["user_message"])


def failures_of(stack: Stack, since: datetime) -> list[WorkItem]:
    """The actions whose answers broke the rules, of the newest executions since then."""
    executions = list_executions(stack, goal_id=None, status=None, since=since, limit=_EXECUTIONS)
    return [
        item
        for each in executions
        if each.failed
        for item in table_of(stack).work_items.of(each.execution_id)
        if item.error_code == ErrorCode.INVALID_ANSWER
    ]


def client_of(stack: Stack) -> Any:
    """Bedrock, or the embedded cloud's model server."""
    if isinstance(stack.session, CloudState):
        return root_client("bedrock-runtime", stack.session.model_server_url)
    return stack.client("bedrock-runtime")


def compare(
    client: Any, model_id: str, failures: Sequence[WorkItem], prompts: Sequence[Prompt]
) -> list[Score]:
    """How each prompt does on these failures."""
    return [_score(client, model_id, failures, prompt) for prompt in prompts]


def _score(client: Any, model_id: str, failures: Sequence[WorkItem], prompt: Prompt) -> Score:
    model = Model(client, model_id, prompt.instructions)
    score = Score(prompt.version)
    for item in failures:
        score.asked += 1
        rules = RULES[item.context.action_type]
        metadata = {"actionId": item.action_id, "promptVersion": prompt.version}
        try:
            reply = model.ask(rules, [prompt.question(item.context)], metadata, Decoding.GREEDY)
            read_tasks(reply.stop_reason, reply.content, rules)
        except InvalidAnswerError as error:
            score.broken.update(error.problems)
        except GenerationError as error:
            score.broken[error.code] += 1
        else:
            score.valid += 1
    return score


def main() -> int:
    """Compare and print; 1 if this checkout's prompt is not better."""
    parser = argparse.ArgumentParser("python -m bench.prompts", description=__doc__)
    parser.add_argument("old", metavar="OLD", help="the commit or tag with the old prompt")
    parser.add_argument("--stack", default=LOCAL, help=f"whose failures and model ({LOCAL})")
    parser.add_argument("--since", default="7d", metavar="TIME", help="2h, 3d, a time (7d)")
    options = parser.parse_args()
    try:
        stack = open_stack(options.stack)
        failures = failures_of(stack, moment("--since", options.since, datetime.now(UTC)))
        model_id = settings_of(options.stack).bedrock_model
        prompts = [prompt_of(options.old), prompt_now()]
        old, new = compare(client_of(stack), model_id, failures, prompts)
    except OperatorError as error:
        print(error, file=sys.stderr)
        return 1
    print(old, new, sep="\n")
    return 0 if new.valid > old.valid else 1


if __name__ == "__main__":
    sys.exit(main())
