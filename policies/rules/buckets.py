"""Buckets: nobody else reads them, the stack's key encrypts them, and objects come back."""

from collections.abc import Iterator
from typing import Any

from policies.conventions import ARCHIVE_DAYS, PROTECTED_STACKS
from policies.policy import resource_policy, stack_policy
from policies.stack import resource_types
from policies.stack.documents import (
    IDENTITY_TYPES,
    Statement,
    identity_statements,
    resource_statements,
)
from policies.stack.resource_graph import UNKNOWN, Resource, ResourceGraph

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

_OWN_RESOURCES = {
    "acl": "BucketOwnershipControls makes the owner the only one: no list grants anything",
    "accelerationStatus": "objects would travel through edge locations outside the region",
    "corsRules": "no page in a browser reads the bucket",
    "grants": "BucketOwnershipControls makes the owner the only one: no list grants anything",
    "lifecycleRules": "declare a BucketLifecycleConfiguration: both would fight",
    "policy": "declare a BucketPolicy: both would fight",
    "replicationConfiguration": "a copy of the data in a bucket that no policy judges",
    "requestPayer": "nobody else requests anything",
    "serverSideEncryptionConfiguration": "declare a BucketServerSideEncryptionConfiguration",
    "versioning": "declare a BucketVersioning: both would fight",
    "website": "it serves the objects to everybody",
}
"""Input of a bucket that stays unset -> why."""


@stack_policy(
    "bucket-private",
    risk="Strangers read users' goals and tasks, or write what operators restore.",
    fix="Give each bucket a BucketPublicAccessBlock with all four switches on, and"
    " BucketOwnershipControls with BucketOwnerEnforced; leave the bucket's own lists unset.",
    source="Security Hub S3.1, S3.8, S3.12; CIS AWS Foundations v3.0.0 2.1.4; NIST 800-53 AC-3",
)
def private(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every bucket blocks public access, and only its owner owns objects."""
    for bucket in graph.of(resource_types.BUCKET):
        for name, why in _OWN_RESOURCES.items():
            if bucket.given(name) not in (None, [], "", "private"):
                yield bucket, f"{name} is set: {why}"
        blocks = _of_bucket(graph, bucket, resource_types.BUCKET_PUBLIC_ACCESS)
        if not blocks:
            yield bucket, "nothing blocks public access to it"
        for block in blocks:
            open_ = [name for name in _BLOCKS if block.read(name) is not True]
            if open_:
                yield block, f"{', '.join(open_)} is not true"
        owners = _of_bucket(graph, bucket, resource_types.BUCKET_OWNERSHIP)
        if not owners:
            yield bucket, "it has no BucketOwnershipControls, so a list may grant its objects"
        for each in owners:
            found = each.read("rule", "objectOwnership")
            if found != "BucketOwnerEnforced":
                yield each, f"objectOwnership is {found}, it has to be BucketOwnerEnforced"


@stack_policy(
    "bucket-customer-key",
    risk="Nobody can audit or withdraw the use of the key that encrypts the objects.",
    fix="Give the bucket a BucketServerSideEncryptionConfiguration with aws:kms, the stack's own"
    " key, and bucketKeyEnabled (without it each object is a call of KMS).",
    source="guide: データ暗号化; Security Hub S3.17; NIST 800-53 SC-28(1)",
)
def customer_key(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every bucket encrypts its objects with a key that this stack declares."""
    for bucket in graph.of(resource_types.BUCKET):
        found = _of_bucket(graph, bucket, resource_types.BUCKET_ENCRYPTION)
        if not found:
            yield bucket, "no BucketServerSideEncryptionConfiguration names its key"
        for each in found:
            yield from ((each, problem) for problem in _encryption_problems(graph, each))


def _encryption_problems(graph: ResourceGraph, encryption: Resource) -> Iterator[str]:
    rules = encryption.items("rules")
    if len(rules) != 1:
        yield f"it has {len(rules)} rules, one is what S3 takes"
    for rule in rules:
        if rule is UNKNOWN:
            continue
        default: Any = rule.get("applyServerSideEncryptionByDefault") or {}
        if default.get("sseAlgorithm") != "aws:kms":
            yield f"sseAlgorithm is {default.get('sseAlgorithm')}, it has to be aws:kms"
        elif "kmsMasterKeyId" not in {*default}:
            yield "kmsMasterKeyId is absent: S3 takes AWS's own key"
        elif graph.source(encryption, "rules", resource_types.KEY) is None:
            yield "kmsMasterKeyId comes from no key of this stack"
        if rule.get("bucketKeyEnabled") is not True:
            yield "bucketKeyEnabled is not true"


@stack_policy(
    "bucket-tls-only",
    risk="Objects are read and written without encryption.",
    fix='Give the bucket a BucketPolicy that denies Principal "*" s3:* on the bucket and on all its'
    ' objects where aws:SecureTransport is "false".',
    source="Security Hub S3.5; AWS Well-Architected SEC09-BP02; NIST 800-53 SC-8",
)
def tls_only(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Every bucket denies requests without TLS."""
    for bucket in graph.of(resource_types.BUCKET):
        arn = f"arn:aws:s3:::{bucket.read('bucket')}"
        policies = _of_bucket(graph, bucket, resource_types.BUCKET_POLICY)
        denials = [each for policy in policies for each in resource_statements(policy)]
        covered = {
            resource for each in denials if _denies_plain_http(each) for resource in each.resources
        }
        if not {arn, f"{arn}/*"} <= covered | ({arn, f"{arn}/*"} if "*" in covered else set()):
            yield bucket, "it takes requests without TLS"


def _denies_plain_http(statement: Statement) -> bool:
    return (
        not statement.allows
        and statement.actions in (("s3:*",), ("*",))
        and any(name == "*" for _, name in statement.principals)
        and [key for _, key, _ in statement.conditions] == ["aws:securetransport"]
        and statement.condition("aws:SecureTransport", "Bool", "BoolIfExists") == ("false",)
    )


_MOST_DAYS = 3653
"""Ten years, as long as CloudWatch Logs keeps a line: nobody asks about an older execution."""
_OLD_VERSION_DAYS = (7, 90)
"""From the time to notice a deletion to what is worth its price."""
_UPLOAD_DAYS = (1, 30)


_READ_AT_ONCE = ("GLACIER_IR", "INTELLIGENT_TIERING", "STANDARD_IA")
"""(Amazon S3 User Guide: storage classes)"""


@stack_policy(
    "bucket-kept",
    risk="An overwritten or deleted object is gone, or old objects are paid for without an end.",
    fix="Give the bucket a BucketVersioning that is Enabled and a BucketLifecycleConfiguration that"
    f" expires every object that is written (in production after {ARCHIVE_DAYS} days or more, at"
    f" most {_MOST_DAYS}), old versions and unfinished uploads; in production no forceDestroy.",
    source="guide: バックアップとリカバリ; Security Hub S3.13, S3.14; NIST 800-53 CP-9",
)
def kept(graph: ResourceGraph) -> Iterator[tuple[Resource, str]]:
    """Buckets keep versions, and expire objects at a time that is written down."""
    for bucket in graph.of(resource_types.BUCKET):
        is_protected = bucket.stack in PROTECTED_STACKS
        if is_protected and bucket.read("forceDestroy") is True:
            yield bucket, "forceDestroy deletes all objects with the bucket"
        versioning = _of_bucket(graph, bucket, resource_types.BUCKET_VERSIONING)
        statuses = [each.read("versioningConfiguration", "status") for each in versioning]
        if statuses != ["Enabled"]:
            yield bucket, f"its versioning is {', '.join(map(str, statuses)) or 'not declared'}"
        rules = [
            (each, rule)
            for each in _of_bucket(graph, bucket, resource_types.BUCKET_LIFECYCLE)
            for rule in each.items("rules")
            if rule is not UNKNOWN
        ]
        if not rules:
            yield bucket, "no BucketLifecycleConfiguration expires its objects"
        for lifecycle, rule in rules:
            yield from (
                (lifecycle, each) for each in _rule_problems(rule, is_protected=is_protected)
            )
        for key in _written(graph, f"arn:aws:s3:::{bucket.read('bucket')}/") if rules else ():
            if not any(_covers(rule, key) for _, rule in rules):
                yield bucket, f"objects {key} are written, and no lifecycle rule expires them"


def _written(graph: ResourceGraph, objects: str) -> list[str]:
    """The patterns of the keys that roles may write to a bucket."""
    return sorted(
        {
            arn.removeprefix(objects)
            for resource in graph.of(*IDENTITY_TYPES)
            for statement in identity_statements(resource)
            if statement.allows and "s3:putobject" in map(str.lower, statement.actions)
            for arn in statement.resources
            if arn.startswith(objects)
        }
    )


def _covers(rule: Any, key: str) -> bool:
    """Whether a rule is for all objects of a pattern: by no filter, or by the beginning."""
    chosen: Any = rule.get("filter") or {}
    prefix = chosen.get("prefix") or rule.get("prefix") or ""
    others = [name for name in chosen if name != "prefix" and chosen.get(name)]
    return key.startswith(prefix) and not others


def _rule_problems(rule: Any, *, is_protected: bool) -> Iterator[str]:
    if rule.get("status") != "Enabled":
        yield f"rule {rule.get('id')} is {rule.get('status')}"
    expiration: Any = rule.get("expiration") or {}
    old_versions: Any = rule.get("noncurrentVersionExpiration") or {}
    days = expiration.get("days")
    if days is None:
        yield f"rule {rule.get('id')} expires no object"
    elif is_protected and days < ARCHIVE_DAYS:
        yield f"rule {rule.get('id')} deletes objects after {days:.0f} days, not {ARCHIVE_DAYS}"
    elif days > _MOST_DAYS:
        yield f"rule {rule.get('id')} keeps objects {days:.0f} days, {_MOST_DAYS} are the most"
    transitions: Any = rule.get("transitions") or ()
    for each in transitions:
        class_ = each.get("storageClass")
        if class_ not in _READ_AT_ONCE:
            yield (
                f"transitions of rule {rule.get('id')} move objects to {class_}, not to one of"
                + (f" {', '.join(_READ_AT_ONCE)}: they are read at once, and outlast a zone")
            )
    uploads: Any = rule.get("abortIncompleteMultipartUpload") or {}
    for what, found, (least, most) in (
        ("old versions", old_versions.get("noncurrentDays"), _OLD_VERSION_DAYS),
        ("unfinished uploads", uploads.get("daysAfterInitiation"), _UPLOAD_DAYS),
    ):
        if found is None:
            yield f"rule {rule.get('id')} keeps {what} for ever"
        elif not least <= found <= most:
            yield f"rule {rule.get('id')} keeps {what} {found:.0f} days, not {least} to {most}"


@resource_policy(
    "bucket-one-name",
    on={resource_types.BUCKET},
    risk="Somebody else in the world has the name already, or takes it when the stack is gone, and"
    " then gets what is written to it.",
    fix="Name the bucket by PROJECT-STACK-..., with the account and the region in the name.",
    source="Amazon S3 User Guide: general purpose bucket naming rules (one namespace for all"
    " accounts); Aqua Security: Bucket Monopoly (2024)",
)
def one_name(resource: Resource) -> Iterator[str]:
    """A bucket's name holds the project, the stack and the account."""
    name = str(resource.read("bucket") or "")
    if not name:
        yield "it is given no name"
        return
    if not name.startswith(f"{resource.project}-{resource.stack}-"):
        yield f"{name} does not begin with {resource.project}-{resource.stack}-"
    if not any(part.isdigit() and len(part) == _ACCOUNT_DIGITS for part in name.split("-")):
        yield f"{name} has no account id"


_ACCOUNT_DIGITS = 12


def _of_bucket(graph: ResourceGraph, bucket: Resource, type_: str) -> list[Resource]:
    """The configurations of a bucket, by its name or by the resource that the name comes from."""
    return [
        each
        for each in graph.of(type_)
        if each.read("bucket") is not None
        and (
            each.read("bucket") == bucket.read("bucket")
            or bucket.urn in each.sources.get("bucket", ())
        )
    ]
