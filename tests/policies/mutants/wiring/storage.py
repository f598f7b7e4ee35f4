"""Mutants for `policies.rules.wiring.storage`."""

from tests.policies.mutate import Mutant, edit_input, set_input
from tests.policies.names import TABLE

KEYS = "wiring-table-keys"
EXPIRY, WINDOW = "wiring-table-expiry", "wiring-deletion-window"

MUTANTS = (
    Mutant(
        EXPIRY,
        "a TTL on an attribute that no handler writes",
        set_input(TABLE, "ttl.attributeName", "expiresAt"),
    ),
    Mutant(
        EXPIRY,
        "recovery of one day",
        set_input(TABLE, "pointInTimeRecovery.recoveryPeriodInDays", 1),
    ),
    Mutant(
        EXPIRY,
        "recovery of 35 days, written down",
        set_input(TABLE, "pointInTimeRecovery.recoveryPeriodInDays", 35),
        near_miss=True,
    ),
    Mutant(KEYS, "another hash key", set_input(TABLE, "hashKey", "id")),
    Mutant(
        KEYS,
        "an index without the fields that handlers read",
        set_input(TABLE, "globalSecondaryIndexes.0.projectionType", "KEYS_ONLY"),
    ),
    Mutant(
        KEYS,
        "an index with another hash key",
        set_input(TABLE, "globalSecondaryIndexes.1.keySchemas.0.attributeName", "goalId"),
    ),
    Mutant(
        KEYS,
        "two indexes only",
        edit_input(TABLE, "globalSecondaryIndexes", lambda old: old[1:]),
    ),
    Mutant(
        KEYS,
        "one index more",
        edit_input(
            TABLE,
            "globalSecondaryIndexes",
            lambda old: [
                *old,
                {"name": "sk-index", "hashKey": "sk", "projectionType": "KEYS_ONLY"},
            ],
        ),
        near_miss=True,
    ),
    Mutant(WINDOW, "a multi-Region key", set_input("keys-key", "multiRegion", value=True)),
    Mutant(
        WINDOW,
        "a production key that is gone after 7 days",
        set_input("keys-key", "deletionWindowInDays", 7),
    ),
    Mutant(
        WINDOW, "a rotation in seven years", set_input("keys-key", "rotationPeriodInDays", 2560)
    ),
    Mutant(WINDOW, "a key for signatures", set_input("keys-key", "keyUsage", "SIGN_VERIFY")),
    Mutant(WINDOW, "an asymmetric key", set_input("keys-key", "customerMasterKeySpec", "RSA_4096")),
    Mutant(
        WINDOW,
        "a policy that may lock everybody out",
        set_input("keys-key", "bypassPolicyLockoutSafetyCheck", value=True),
    ),
    Mutant(
        WINDOW,
        "a secret that is gone at once",
        set_input("secrets-jwt-secret", "recoveryWindowInDays", 0),
    ),
    Mutant(
        WINDOW,
        "a faster rotation",
        set_input("keys-key", "rotationPeriodInDays", 90),
        near_miss=True,
    ),
    Mutant(
        WINDOW,
        "seven days in a stack for development",
        set_input("keys-key", "deletionWindowInDays", 7),
        near_miss=True,
        stack="dev",
    ),
)
