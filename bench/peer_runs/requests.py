"""The requests that the product makes of the model, for the peers to make the same ones."""

import psycopg

from bench.clouds import place_demo_goal
from bench.peer_runs.job import Action
from handlers.generation.prompt import system_prompt, user_message
from handlers.generation.rules import RULES
from handlers.generation.tool import Decoding, additional_fields, inference_config, tool_config
from handlers.storage.goals import contexts
from localcloud.cluster.state import CloudState


def product_actions(state: CloudState, model_id: str) -> list[Action]:
    """The demo goal's actions, in the order in which the workflow takes them."""
    goal_id = place_demo_goal(state).goal_id
    with psycopg.connect(state.database_url) as connection:
        found = contexts(connection, goal_id)
    actions: list[Action] = []
    for action_id, context in found.items():
        rules = RULES[context.action_type]
        request = {
            "system": system_prompt(rules),
            "messages": [user_message(context)],
            "toolConfig": tool_config(rules),
            "inferenceConfig": inference_config(rules, Decoding.GREEDY),
            "additionalModelRequestFields": additional_fields(model_id, Decoding.GREEDY),
            "requestMetadata": {"actionId": action_id},
        }
        actions.append(Action(action_id, context.action_type, request))
    return actions
