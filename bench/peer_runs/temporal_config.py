"""Temporal's server as one process with SQLite, after its config/development-sqlite.yaml."""

from collections.abc import Sequence
from pathlib import Path

import yaml

_SERVICES = ("frontend", "matching", "history", "worker")
_NAMESPACE = """
import asyncio, datetime, sys
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

async def main():
    client = await Client.connect(sys.argv[1])
    kept = Duration(seconds=86400)
    request = RegisterNamespaceRequest(
        namespace="default", workflow_execution_retention_period=kept
    )
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise
    await client.count_workflows()

asyncio.run(main())
"""


def namespace_command(python: Path, address: str) -> list[str]:
    """A command that makes the default namespace, and succeeds once workflows may start in it."""
    return [str(python), "-c", _NAMESPACE, address]


def temporal_config(ports: Sequence[int], database: Path) -> tuple[int, str]:
    """The port to connect to, and the configuration as YAML. ports: eleven free ones."""
    rpc = dict(zip(_SERVICES, ports[0:4], strict=True))
    membership = dict(zip(_SERVICES, ports[4:8], strict=True))
    http, pprof = ports[8], ports[9]
    frontend = f"127.0.0.1:{rpc['frontend']}"
    services = {
        name: {
            "rpc": {
                "grpcPort": rpc[name],
                "membershipPort": membership[name],
                "bindOnLocalHost": True,
            }
        }
        for name in _SERVICES
    }
    services["frontend"]["rpc"]["httpPort"] = http
    store = {
        "sql": {
            "pluginName": "sqlite",
            "databaseName": str(database),
            "connectAddr": "localhost",
            "connectProtocol": "tcp",
            "connectAttributes": {"setup": "true", "journal_mode": "wal", "synchronous": "2"},
            "maxConns": 1,
            "maxIdleConns": 1,
        }
    }
    cluster = {
        "enabled": True,
        "initialFailoverVersion": 1,
        "rpcName": "frontend",
        "rpcAddress": frontend,
        "httpAddress": f"127.0.0.1:{http}",
    }
    config = {
        "log": {"stdout": True, "level": "error"},
        "persistence": {
            "defaultStore": "default",
            "visibilityStore": "visibility",
            "numHistoryShards": 1,
            "datastores": {"default": store, "visibility": store},
        },
        "global": {
            "membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"},
            "pprof": {"port": pprof},
        },
        "services": services,
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {"active": cluster},
        },
        "publicClient": {"hostPort": frontend},
    }
    return rpc["frontend"], yaml.safe_dump(config)
