from bench.peer_runs.job import Action
from bench.prompt_tokens import report


def test_instructions_count_beside_the_question() -> None:
    question = [{"role": "user", "content": [{"text": "走" * 50}]}]
    bare = Action("a", "HABIT", {"system": [], "messages": question})
    told = Action("b", "HABIT", {"system": [{"text": "指" * 50}], "messages": question})
    [figure] = report([bare, told]).figures
    assert figure.samples[0] == 1.0
    assert 1.8 < figure.samples[1] < 2.0  # the role's name counts too
