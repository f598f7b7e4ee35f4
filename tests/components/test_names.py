"""Names: the guide's, with the environment added, and short enough for AWS."""

import pytest

from components.names import MAX_NAME_CHARACTERS, Names, NameTooLongError
from handlers.contract.functions import FUNCTIONS, TASK_GENERATION, WORKFLOW_START


def test_names_keep_the_guides_words(names: Names) -> None:
    assert names.function(WORKFLOW_START) == "goal-mandala-dev-workflow-start"
    assert names.state_machine == "TaskGenerationWorkflow-dev"
    assert names.table == "WorkflowExecution-dev"
    assert names.alerts_topic == "workflow-alerts-dev"
    assert names.notifications_topic == "workflow-notifications-dev"
    assert names.key_alias == "alias/goal-mandala-dev-workflow"
    assert names.function_log_group(WORKFLOW_START) == "/aws/lambda/goal-mandala-dev-workflow-start"
    assert names.state_machine_log_group == "/aws/states/TaskGenerationWorkflow-dev"


def test_arns_are_those_that_aws_derives(names: Names) -> None:
    here = "ap-northeast-1:123456789012"
    assert names.function_alias_arn(TASK_GENERATION) == (
        f"arn:aws:lambda:{here}:function:goal-mandala-dev-task-generation:live"
    )
    assert names.state_machine_alias_arn == (
        f"arn:aws:states:{here}:stateMachine:TaskGenerationWorkflow-dev:live"
    )
    assert names.execution_arns == f"arn:aws:states:{here}:execution:TaskGenerationWorkflow-dev:*"
    assert names.secret_arns("database-url") == (
        f"arn:aws:secretsmanager:{here}:secret:goal-mandala-dev-database-url-??????"
    )


@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod", "production"])
def test_every_name_of_a_stack_fits_into_awss_limit(environment: str) -> None:
    names = Names(environment, "123456789012", "ap-northeast-1")
    for spec in FUNCTIONS:
        assert len(names.function(spec)) <= MAX_NAME_CHARACTERS
        assert len(names.function_role(spec)) <= MAX_NAME_CHARACTERS


def test_a_name_that_does_not_fit_is_refused_before_anything_is_created() -> None:
    names = Names("a" * 40, "123456789012", "ap-northeast-1")
    with pytest.raises(NameTooLongError, match="AWS allows 64"):
        names.function_role(WORKFLOW_START)
