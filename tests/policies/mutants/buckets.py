"""Mutants for `policies.rules.buckets`."""

from policies.stack import resource_types
from tests.policies.mutate import (
    REMOVED,
    Mutant,
    all_changes,
    declare,
    edit_input,
    set_input,
    set_source,
    unchanged,
    without,
)

BUCKET = "archive-bucket"
PRIVATE, KEY, TLS = "bucket-private", "bucket-customer-key", "bucket-tls-only"
KEPT, NAME = "bucket-kept", "bucket-one-name"
ENCRYPTION, LIFECYCLE, POLICY = "archive-encryption", "archive-lifecycle", "archive-policy"
DEFAULT = "rules.0.applyServerSideEncryptionByDefault"

MUTANTS = (
    Mutant(PRIVATE, "a bucket without a block", without("archive-private")),
    Mutant(
        PRIVATE,
        "a block that lets public policies in",
        set_input("archive-private", "restrictPublicBuckets", value=False),
    ),
    Mutant(
        PRIVATE,
        "a block with a switch left out, which the provider opens",
        set_input("archive-private", "blockPublicAcls", REMOVED),
    ),
    Mutant(
        PRIVATE,
        "a second bucket without any configuration",
        declare(resource_types.BUCKET, "exports", {"bucket": "goal-mandala-prod-x-123456789012"}),
    ),
    Mutant(PRIVATE, "no owner's controls", without("archive-ownership")),
    Mutant(
        PRIVATE,
        "whoever writes an object owns it",
        set_input("archive-ownership", "rule.objectOwnership", "ObjectWriter"),
    ),
    Mutant(PRIVATE, "a list for all readers", set_input(BUCKET, "acl", "public-read")),
    Mutant(PRIVATE, "the owner's list", set_input(BUCKET, "acl", "private"), near_miss=True),
    Mutant(
        PRIVATE,
        "objects are copied to another bucket",
        set_input(BUCKET, "replicationConfiguration", {"role": "x", "rules": []}),
    ),
    Mutant(KEY, "no encryption of the bucket's own", without(ENCRYPTION)),
    Mutant(KEY, "S3's own key", set_input(ENCRYPTION, f"{DEFAULT}.sseAlgorithm", "AES256")),
    Mutant(KEY, "a key from elsewhere", set_source(ENCRYPTION, "rules", None)),
    Mutant(
        KEY,
        "a call of KMS for each object",
        set_input(ENCRYPTION, "rules.0.bucketKeyEnabled", value=False),
    ),
    Mutant(KEY, "AWS's key of S3", set_input(ENCRYPTION, f"{DEFAULT}.kmsMasterKeyId", REMOVED)),
    Mutant(KEY, "the encryption of no bucket", set_input(ENCRYPTION, "bucket", REMOVED)),
    Mutant(KEY, "the encryption as it is", unchanged, near_miss=True),
    Mutant(KEY, "no rule", set_input(ENCRYPTION, "rules", [])),
    Mutant(TLS, "no policy", without(POLICY)),
    Mutant(
        TLS,
        "only the bucket, not its objects",
        edit_input(POLICY, "policy.Statement.0.Resource", lambda old: old[:1]),
    ),
    Mutant(
        TLS,
        "BoolIfExists, on everything",
        all_changes(
            set_input(
                POLICY,
                "policy.Statement.0.Condition",
                {"BoolIfExists": {"aws:SecureTransport": "false"}},
            ),
            set_input(POLICY, "policy.Statement.0.Resource", "*"),
        ),
        near_miss=True,
    ),
    Mutant(TLS, "only reading", set_input(POLICY, "policy.Statement.0.Action", "s3:GetObject")),
    Mutant(
        TLS,
        "only from another account",
        set_input(
            POLICY,
            "policy.Statement.0.Condition.StringNotEquals",
            {"aws:PrincipalAccount": "123456789012"},
        ),
    ),
    Mutant(KEPT, "no versions", without("archive-versioning")),
    Mutant(
        KEPT,
        "suspended versions",
        set_input("archive-versioning", "versioningConfiguration.status", "Suspended"),
    ),
    Mutant(KEPT, "no expiry", without(LIFECYCLE)),
    Mutant(KEPT, "a rule that is off", set_input(LIFECYCLE, "rules.0.status", "Disabled")),
    Mutant(
        KEPT,
        "objects expire before an audit",
        set_input(LIFECYCLE, "rules.0.expiration.days", 100),
    ),
    Mutant(
        KEPT,
        "objects expire after a year",
        set_input(LIFECYCLE, "rules.0.expiration.days", 365),
        near_miss=True,
    ),
    Mutant(KEPT, "objects that never expire", set_input(LIFECYCLE, "rules.0.expiration", REMOVED)),
    Mutant(
        KEPT,
        "old versions that never expire",
        set_input(LIFECYCLE, "rules.0.noncurrentVersionExpiration", REMOVED),
    ),
    Mutant(
        KEPT,
        "a deletion that is noticed too late",
        set_input(LIFECYCLE, "rules.0.noncurrentVersionExpiration.noncurrentDays", 1),
    ),
    Mutant(
        KEPT, "objects of thirty years", set_input(LIFECYCLE, "rules.0.expiration.days", 10_950)
    ),
    Mutant(
        KEPT,
        "parts of uploads that nobody ends",
        set_input(LIFECYCLE, "rules.0.abortIncompleteMultipartUpload", REMOVED),
    ),
    Mutant(
        KEPT,
        "the expiry of objects that nobody writes",
        set_input(LIFECYCLE, "rules.0.filter.prefix", "old/"),
    ),
    Mutant(
        KEPT,
        "only large objects expire",
        set_input(LIFECYCLE, "rules.0.filter", {"objectSizeGreaterThan": 1_000_000}),
    ),
    Mutant(
        KEPT,
        "a rule for all objects, old versions for two weeks, uploads for a day",
        all_changes(
            set_input(LIFECYCLE, "rules.0.filter", REMOVED),
            set_input(LIFECYCLE, "rules.0.noncurrentVersionExpiration.noncurrentDays", 14),
            set_input(LIFECYCLE, "rules.0.abortIncompleteMultipartUpload.daysAfterInitiation", 1),
        ),
        near_miss=True,
    ),
    Mutant(
        KEPT,
        "production's objects are deleted with the bucket",
        set_input(BUCKET, "forceDestroy", value=True),
    ),
    Mutant(
        KEPT,
        "dev's objects are deleted with the bucket",
        set_input(BUCKET, "forceDestroy", value=True),
        near_miss=True,
        stack="dev",
    ),
    Mutant(NAME, "a name that anybody may have", set_input(BUCKET, "bucket", "archive")),
    Mutant(
        NAME,
        "a name without the account",
        set_input(BUCKET, "bucket", "goal-mandala-prod-archive"),
    ),
    Mutant(
        NAME,
        "a name with the account and without the region",
        set_input(BUCKET, "bucket", "goal-mandala-prod-archive-123456789012"),
        near_miss=True,
    ),
)
