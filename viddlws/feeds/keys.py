"""A feed's key: 160 bits made from the secret key, so that a copy of the database opens no feed."""

import base64
import hashlib
import hmac
import secrets
import uuid

from django.conf import settings

BITS = 160
LENGTH = BITS // 5  # characters


def salt() -> str:
    return secrets.token_urlsafe(32)


def key(feed_id: uuid.UUID, salt: str) -> str:
    """32 characters of a-z and 2-7: one word for a double click, and nothing a client would encode."""
    text = f"feed key:{feed_id}:{salt}".encode()
    digest = hmac.digest(str(settings.SECRET_KEY).encode(), text, "sha256")[: BITS // 8]
    return base64.b32encode(digest).decode().lower()


def fingerprint(key: str) -> str:
    """What the database knows of a key: its SHA-256."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
