"""What a request to AWS Backup is judged on; MiniStack takes none of its resources for any.

(Service Authorization Reference, AWS Backup: resource types of each action.)
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_RECOVERY_POINT = re.compile(r"/backup-vaults/[^/]+/recovery-points/(?P<arn>.+)")
_TAGGED = re.compile(r"/(?:un)?tags?/(?P<arn>.+)")
_VAULT = re.compile(r"/backup-vaults/(?P<name>[^/]+)")
_PLAN = re.compile(r"/backup/plans/(?P<name>[^/]+)")
_NEW_PLAN = ("PUT", "/backup/plans")


def resource_arn(
    method: str, path: str, given: Mapping[str, Any], region: str, account: str
) -> str:
    """The recovery point, vault or plan; `*` where AWS Backup knows no resource.

    given: the fields of the body. A job is started on its vault.
    """
    plain = unquote(path).rstrip("/")
    here = f"arn:aws:backup:{region}:{account}"
    if arn := _RECOVERY_POINT.match(plain) or _TAGGED.match(plain):
        return re.sub(r"/(index|restore-metadata|disassociate)$", "", arn["arn"])
    if vault := _VAULT.match(plain):
        return f"{here}:backup-vault:{vault['name']}"
    if plain == "/backup-jobs" and "BackupVaultName" in given:
        return f"{here}:backup-vault:{given['BackupVaultName']}"
    if plan := _PLAN.match(plain):
        return f"{here}:backup-plan:{plan['name']}"
    return f"{here}:backup-plan:*" if (method, plain) == _NEW_PLAN else "*"
