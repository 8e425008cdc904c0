"""A field for text that is stored encrypted, with a key derived from the installation's secret key."""

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Self

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:  # Django's class accepts no type arguments at run time
    Text = models.TextField


class Sealed(str):
    """An empty string in place of a secret that no key can decrypt. `token` is what the column contains, and
    what is written back.
    """

    token: str

    def __new__(cls, token: str) -> Self:
        """Keep the token."""
        made = super().__new__(cls, "")
        made.token = token
        return made


def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"ssot secret field" + key.encode()).digest()))


class SecretField(Text):
    """A text column that stores a Fernet token and returns plain text when read.

    Values encrypted with a key in `SECRET_KEY_FALLBACKS` can still be read, so the secret key can be rotated.
    If no key can decrypt a value, it is read as an empty string (`Sealed`), which is not used to sign or
    verify anything, and the column keeps its value when the row is saved.
    """

    def get_prep_value(self, value: str | None) -> str:
        if isinstance(value, Sealed):
            return value.token
        return _box(settings.SECRET_KEY).encrypt(value.encode()).decode() if value else ""

    def from_db_value(self, value: str | None, *_: Any) -> str:
        if not value:
            return ""
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                return _box(key).decrypt(value.encode()).decode()
            except InvalidToken:
                continue
        return Sealed(value)
