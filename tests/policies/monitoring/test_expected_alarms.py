"""The pack expects every alarm that the program declares, and sends it where the program does."""

import re

import pytest

from policies.rules.monitoring.alarms import EXPECTED_ALARMS
from tests.components.monitoring.document import monitoring_of_prod

ROUTES = {
    # an alarm has 10 metrics at most: the other functions are in a second one
    re.sub(r"-\d+$", "", each.name.removeprefix("goal-mandala-prod-")): each.route.value
    for each in monitoring_of_prod().alarms
}
EXPECTED = {each.key: each.route.value for each in EXPECTED_ALARMS}


@pytest.mark.parametrize("key", ROUTES)
def test_an_alarm_of_the_program_is_expected_with_its_route(key: str) -> None:
    forms = {
        form.replace("{function}", key.removeprefix(form.partition("{")[0])): route
        for form, route in EXPECTED.items()
    }
    assert forms[key] == ROUTES[key]


def test_no_alarm_is_expected_twice() -> None:
    assert len(EXPECTED) == len(EXPECTED_ALARMS)


def test_what_a_stack_always_has_is_what_the_program_declares() -> None:
    assert {each.key for each in EXPECTED_ALARMS if each.always} <= set(ROUTES)
