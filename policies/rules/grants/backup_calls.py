"""What AWS Backup has to be allowed, to make backups of a table and to delete them."""

from collections.abc import Iterator

from policies.stack.resource_graph import Resource

_ON_TABLES = ("CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob")
_ON_BACKUPS = ("DeleteBackup", "DescribeBackup")
"""(AWS Backup Developer Guide: managed policies, customer managed policy for DynamoDB)"""

OF_BACKUPS = frozenset(
    action.lower() for action in (f"dynamodb:{each}" for each in (*_ON_TABLES, *_ON_BACKUPS))
)
"""All of these actions, in lower case."""


def calls_of_backups(selection: Resource) -> Iterator[tuple[str, str]]:
    """The (action, ARN) pairs of a selection's role, on its tables."""
    for arn in selection.items("resources"):
        if isinstance(arn, str) and ":dynamodb:" in arn:
            yield from ((f"dynamodb:{each}", arn) for each in _ON_TABLES)
            yield from ((f"dynamodb:{each}", f"{arn}/backup/*") for each in _ON_BACKUPS)
