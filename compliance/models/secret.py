"""A field for text that is stored encrypted, with a key derived from the installation's secret key."""

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:  # Django's class accepts no type arguments at run time
    Text = models.TextField


def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"ssot secret field" + key.encode()).digest()))


class SecretField(Text):
    """A text column that stores a Fernet token and returns plain text when read.

    Values encrypted with a key in `SECRET_KEY_FALLBACKS` can still be read, so the secret key can be rotated.
    If no key can decrypt a value, it is read as an empty string and is not used to sign or verify anything.
    """

    def get_prep_value(self, value: str | None) -> str:
        return _box(settings.SECRET_KEY).encrypt(value.encode()).decode() if value else ""

    def from_db_value(self, value: str | None, *_: Any) -> str:
        if not value:
            return ""
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                return _box(key).decrypt(value.encode()).decode()
            except InvalidToken:
                continue
        return ""
