"""Secrets of many kinds, in the encodings in which they travel."""

import base64
from urllib.parse import quote

_JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"hanako","role":"admin"}', b"s" * 32)
)
GOAL = "地域に愛される小さなパン屋を開業する"
ENGLISH_GOAL = "Save the tasks of every sub goal"
"""A goal made only of words that the code writes too."""

PLANTS = {
    "AWS access key id": "AKIA" + "QZX7PLM4TRW8KDN2",
    "AWS secret key": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYq9Zt4WmLk3",
    "GitHub token": "ghp_" + "q8Zr2LmX9vTc4Wn7Yb1Kd6Hf3Js5Pg0Aa1Bb",
    "Slack token": "xoxb-" + "812345678901-912345678902-AbCdEfGhIjKlMnOpQrStUvWx",
    "Slack webhook": "https://hooks.slack.com/services/" + "T0AB1CD2E/B0FG3HI4J/kLm5NoP6qRs7",
    "Stripe key": "sk_live_" + "51HqLyjWDarjtT1zdp7dcXYZ",
    "JSON web token": _JWT,
    "bearer token": "Bearer " + "ya29.a0AfH6SMBx3kQv7LmZt9",
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----MIIEowIBAAKCAQEAx7Zq-----END",
    "database URL": "postgresql://goals:" + "hun.ter2-Pw@db.internal:5432/goals",
    "JDBC URL": "jdbc:mysql://db.internal/goals?user=root&password=" + "Tr0ub4dor",
    "DSN": "host=db.internal user=goals password=" + "correct-horse-battery",
    "e-mail address": "hanako.suzuki" + "@example.co.jp",
    "telephone number": "090-1234-5678",
    "card number": "4111 1111 1111 1111",
    "session cookie": "session=" + "s%3A8fK2mQ9xWv3LpZ7t.rT5",
    "OpenAI key": "sk-" + "proj-Zx9Kq2Lm8Vt4Wn7Yb1Kd6Hf3T3BlbkFJs5Pg0Aa1Bb2Cc3",
    "SendGrid key": "SG." + "aB3dE6gH9jK2mN5pQ8sT1v.X4z7A0c3E6g9I2k5M8o1Q4s7U0w3Y6a9C2e",
    "password in words": "ひみつの合言葉は桜吹雪",
    "a goal's title": GOAL,
    "a goal's title in our words": ENGLISH_GOAL,
    "an action's title": "食パンの配合と工程を決める",
    "hexadecimal key": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


def encodings(secret: str) -> dict[str, str]:
    """The secret as it is and as it may be encoded."""
    raw = secret.encode()
    return {
        "as it is": secret,
        "Base64": base64.b64encode(raw).decode(),
        "Base64 for URLs": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "URL-encoded": quote(secret, safe=""),
        "hexadecimal": raw.hex(),
    }


TEXTS = [text for secret in PLANTS.values() for text in encodings(secret).values()]


def found_in(content: str) -> set[str]:
    """Kinds of planted secrets that a text holds in any encoding, with its own escapes or not."""
    readings = (content, content.replace("\\/", "/").replace('\\"', '"'))
    return {
        f"{kind}, {how}"
        for kind, secret in PLANTS.items()
        for how, text in encodings(secret).items()
        if any(text in reading for reading in readings)
    }
