"""The caller, read from the claims of a verified token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.api.caller import Caller, caller_of

USER = "018f3c9e-0000-7000-8000-00000000000a"


@pytest.mark.parametrize(
    "groups",
    [
        "[admin]",
        "[admin users]",
        "[users admin]",
        "admin",
        ["users", "admin"],
    ],
)
def test_a_member_of_admin_is_an_admin(groups: object) -> None:
    assert caller_of({"sub": USER, "cognito:groups": groups}) == Caller(USER, is_admin=True)


@pytest.mark.parametrize(
    "groups",
    [
        "",
        "[]",
        "[users]",
        "[administrators]",
        "[not-admin]",
        "[Admin]",
        "[users,admin]",  # one group: a name may hold commas and brackets, but no space
        "[[admin]]",
        [],
        None,
    ],
)
def test_a_user_of_other_groups_is_no_admin(groups: object) -> None:
    assert not caller_of({"sub": USER, "cognito:groups": groups}).is_admin


def test_only_the_pools_own_claim_makes_an_admin() -> None:
    claims = {"sub": USER, "groups": "[admin]", "custom:groups": "[admin]", "scope": "admin"}
    assert caller_of(claims) == Caller(USER)


def test_a_token_without_a_subject_has_no_caller() -> None:
    with pytest.raises(KeyError):
        caller_of({"cognito:groups": "[admin]"})


@given(st.lists(st.text(st.characters(categories=["L", "M", "S", "N", "P"]), min_size=1)))
def test_membership_is_exact_whatever_other_groups_are_called(groups: list[str]) -> None:
    claim = f"[{' '.join(groups)}]"
    assert caller_of({"sub": USER, "cognito:groups": claim}).is_admin == ("admin" in groups)


def test_an_admin_may_watch_all_and_owns_only_their_own() -> None:
    admin = Caller(USER, is_admin=True)
    assert admin.may_watch("somebody else")
    assert not admin.owns("somebody else")
    assert not Caller(USER).may_watch("somebody else")
    assert Caller(USER).owns(USER)
