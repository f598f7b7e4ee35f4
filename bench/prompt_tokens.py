"""How many tokens a request to the model has for each token of the user's own texts in it."""

from bench.clouds import GetCloud
from bench.figures import Figure, Section
from bench.peer_runs.job import Action
from bench.peer_runs.requests import product_actions
from components.settings import DEFAULT_BEDROCK_MODEL
from localcloud.bedrock.tokens import count_request


def measure_prompt_tokens(cloud: GetCloud) -> Section:
    """Count them for the demo goal's actions, as the model server does."""
    state, _ = cloud()
    return report(product_actions(state, DEFAULT_BEDROCK_MODEL))


def report(actions: list[Action]) -> Section:
    """The section: one sample an action."""
    samples = [
        count_request(dict(action.request))
        / count_request({"messages": action.request["messages"]})
        for action in actions
    ]
    return Section(
        "prompts",
        "Tokens of a prompt",
        "What the model reads for an action (instructions, tool, question) against the question "
        "alone, which holds the user's texts. Tokens are estimated as the model server does; they "
        "are paid for with each call. `python -m bench.prompts OLD` asks a real model how valid "
        "its answers are with an older prompt and with this one.",
        [Figure("tokens of a request / of its question", samples)],
    )
