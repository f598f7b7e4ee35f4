"""A second look at what is about to leave: forms of secrets, also encoded, by detect-secrets.

The redaction recognises what is right and needs no list; this list catches a mistake in it.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import unquote

_PLUGINS = (
    ("artifactory", "ArtifactoryDetector"),
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("basic_auth", "BasicAuthDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("jwt", "JwtTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)
_OWN = {
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    "database URL": re.compile(r"\b(postgres(ql)?|mysql|mongodb(\+srv)?|rediss?|amqps?)://\S+"),
    "webhook": re.compile(r"https?://hooks\.\S+"),
    "password": re.compile(r"(?i)\b(password|passwd|pwd|secret|token|api_?key)\s*[=:]\s*[^\s\[]"),
}
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def kinds_in(text: str) -> set[str]:
    """The kinds of secrets that a text holds, as it is, URL-encoded or in Base64."""
    return {
        kind
        for reading in _readings(text)
        for kind, pattern in _patterns()
        if pattern.search(reading)
    }


def _readings(text: str) -> Iterator[str]:
    yield text
    if "%" in text:
        yield unquote(text)
    for found in set(_ENCODED.findall(text)):
        standard = found.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            decoded = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
            yield decoded.decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = [*_OWN.items()]
    for module, name in _PLUGINS:
        plugin: Any = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [(str(plugin.secret_type), pattern) for pattern in plugin.denylist]
    return tuple(found)
