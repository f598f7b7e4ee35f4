"""The clients of the embedded cloud, whatever the user's AWS configuration is."""

import pytest

from localcloud.aws import clients


@pytest.fixture
def no_such_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    clients._session.cache_clear()  # pyright: ignore[reportPrivateUsage]


@pytest.mark.usefixtures("no_such_profile")
def test_a_profile_that_does_not_exist_is_not_looked_at() -> None:
    client = clients.root_client("sts", "http://127.0.0.1:1")
    assert client.meta.region_name == clients.REGION
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
