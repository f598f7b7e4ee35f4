"""The configuration of a peer's server, and what a peer that cannot run says."""

from pathlib import Path

import pytest
import yaml

from bench.peer_runs import environments
from bench.peer_runs.environments import PeerUnavailableError, temporal_server
from bench.peer_runs.temporal_config import temporal_config


def test_temporals_services_have_a_port_each(tmp_path: Path) -> None:
    ports = range(7001, 7012)
    frontend, text = temporal_config(ports, tmp_path / "temporal.db")
    services = yaml.safe_load(text)["services"]
    taken = [port for service in services.values() for port in service["rpc"].values()]
    numbers = [port for port in taken if port is not True]
    assert len(set(numbers)) == len(numbers) == 9
    assert services["frontend"]["rpc"]["grpcPort"] == frontend


def test_a_missing_tool_is_the_reason_why_a_peer_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PeerUnavailableError, match="this machine has no go"):
        temporal_server()


def test_a_build_that_fails_gives_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho first >&2; echo 'needs go 2.0' >&2; exit 1\n")
    go.chmod(0o755)
    monkeypatch.setattr(environments, "_FOLDER", tmp_path / "peers")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PeerUnavailableError, match=r"go install failed: needs go 2\.0"):
        temporal_server()
