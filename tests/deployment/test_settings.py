"""The settings of a deployment stack: errors that name key, value and what is allowed."""

import re
from pathlib import Path

import pytest

from components.settings import SettingsError
from declared.program import evaluate
from tests.deployment.conftest import FOLDER

STACK = {
    "aws:region": "ap-northeast-1",
    "goal-mandala:accountId": "123456789012",
    "goal-mandala-deployment:repository": "example/goal-mandala",
}


@pytest.fixture
def unconfigured(tmp_path: Path) -> Path:
    """The program with stack files that configure nothing."""
    program = f"import runpy\nrunpy.run_path({str(FOLDER / '__main__.py')!r})\n"
    (tmp_path / "__main__.py").write_text(program)
    (tmp_path / "Pulumi.yaml").write_text("name: goal-mandala-deployment\nruntime: python\n")
    for stack in ("dev", "local"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("goal-mandala-deployment:repository", "nobody", "goal-mandala-deployment:repository = "),
        ("goal-mandala:accountId", "12", "goal-mandala:accountId = '12': "),
        ("aws:region", "tokyo", "aws:region = 'tokyo': "),
        ("goal-mandala-deployment:ownsProvider", "perhaps", "ownsProvider = 'perhaps': "),
        ("goal-mandala:bedrockModel", "no model", "goal-mandala:bedrockModel = 'no model': "),
        ("goal-mandala:customDomain", '{"name": "*"}', "goal-mandala:customDomain.name = '*': "),
        ("goal-mandala-deployment:repo", "a/b", "unknown: goal-mandala-deployment:repo; known are"),
    ],
)
def test_a_bad_value_is_an_error_that_names_its_key(key: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        evaluate("dev", {key: value}, preview=True, folder=FOLDER)


def test_a_stack_of_another_name_is_refused(unconfigured: Path) -> None:
    with pytest.raises(SettingsError, match=r"the stack's name = 'local': .*'dev', 'staging'"):
        evaluate("local", STACK, preview=True, folder=unconfigured)


def test_a_missing_repository_is_an_error_with_the_command_that_sets_it(unconfigured: Path) -> None:
    given = {key: value for key, value in STACK.items() if not key.endswith("repository")}
    command = "pulumi config set --path goal-mandala-deployment:repository"
    with pytest.raises(SettingsError, match=re.escape(command)):
        evaluate("dev", given, preview=True, folder=unconfigured)


def test_credentials_of_another_account_are_refused() -> None:
    with pytest.raises(SettingsError, match="credentials belong to account 999999999999"):
        evaluate("dev", {}, preview=True, folder=FOLDER, caller_account="999999999999")
