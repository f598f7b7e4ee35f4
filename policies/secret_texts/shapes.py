"""Which texts look like a secret: by our own forms, and by detect-secrets' for known services."""

import base64
import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

from policies.stack import resource_types

SECRET_PROPERTIES = {
    (resource_types.SECRET_VERSION, "secretString"),
    (resource_types.SECRET_VERSION, "secretBinary"),
}
"""(type, property) that is meant to hold a secret; Pulumi encrypts it in the state."""

_SECRET_TEXT = re.compile(
    r"""
    \b[a-z][a-z0-9+]{1,20}://[^/\s:@"]*:[^/\s@"]+@  # a password in a URL, with or without a user
    | [?&;](?i:password|passwd|pwd|sslpassword)=[^&;\s]+  # one in a query, or of JDBC or ODBC
    | hooks\.slack\.com/services/                # a webhook: the URL is its own password
    | \b(AKIA|ASIA)[A-Z0-9]{16}\b                # an AWS access key id
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.           # a JSON web token
    | \b(gh[pousr]_|github_pat_|xox[abps]-|sk_live_)\w{10,}  # tokens of GitHub, Slack, Stripe
    | \bsk-[a-z]{2,8}\d*-[\w-]{20,}             # a key of a model's vendor
    | \bAIza[\w-]{35}(?![\w-])                  # a key of Google's APIs
    | \bAGE-SECRET-KEY-1[0-9A-Z]{50,}           # a key of age
    | [?&]sig=[\w%+/-]{30,}                      # a signature that is a password: Azure's SAS
    | \b(?i:bearer)\s+(?=\S*\d)[\w.~+/-]{20,}=*  # a token in a header
    | \b(?i:basic)\s+[A-Za-z0-9+/]{12,}={0,2}$   # a user and a password in a header
    | \b(?i:password|passphrase|passwd)\s*[:=]\s*(?=\S*\d)[^\s{$<(]\S{7,}  # one in a sentence
    """,
    re.VERBOSE,
)
_DSN_PASSWORD = re.compile(r"(^|\s)(ssl)?password\s*=\s*\S", re.IGNORECASE)
_DSN_HOST = re.compile(r"(^|\s)(host|hostaddr|dbname|user|port)\s*=", re.IGNORECASE)
_SECRET_KEY = re.compile(r"(?<![\w/+=-])[A-Za-z0-9/+]{40}(?![\w/+=-])")
"""An AWS secret access key has 40 characters of base64 and no mark of its own."""

_MIN_DISTINCT = 20
"""Of 40 random characters of base64, about 30 are distinct."""

_MIN_TOKEN = 20
"""No token that `_DETECTORS` know has fewer characters."""

_DETECTORS = (
    ("artifactory", "ArtifactoryDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("twilio", "TwilioKeyDetector"),
)
"""detect-secrets' plug-ins for tokens with a form of their own; its entropy and keyword plug-ins
report our ARNs and hashes."""


def looks_like_secret(text: str) -> bool:
    """Whether a text alone is a secret's, or holds one."""
    return bool(
        _SECRET_TEXT.search(text)
        or (_DSN_PASSWORD.search(text) and _DSN_HOST.search(text))
        or any(_is_mixed(each) and not _is_encoded_text(each) for each in _SECRET_KEY.findall(text))
        or (len(text) >= _MIN_TOKEN and any(d.search(text) for d in _denylist()))
    )


def _is_mixed(text: str) -> bool:
    """Whether the characters are as random ones are: not a path, a word or a hexadecimal hash."""
    kinds = (r"[A-Z]", r"[a-z]", r"\d")
    return len(set(text)) >= _MIN_DISTINCT and all(
        len(re.findall(kind, text)) > 1 for kind in kinds
    )


def _is_encoded_text(text: str) -> bool:
    """Whether it is base64 of text, which is searched on its own; a key is random bytes."""
    return all(0x20 <= byte < 0x7F for byte in base64.b64decode(text))  # noqa: PLR2004 - printable


def load() -> None:
    """Import detect-secrets (0.1 s), so that the first question does not wait for it."""
    _denylist()


@cache
def _denylist() -> Sequence[re.Pattern[str]]:
    # imported late: the engine waits for the pack's first answer, and starts the program then
    patterns: list[re.Pattern[str]] = []
    for module, name in _DETECTORS:
        plugin: Any = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        patterns += plugin.denylist
    return patterns
