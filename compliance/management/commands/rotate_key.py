"""Encrypt all secrets with a new secret key: `manage.py rotate_key`."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance.accounts.installation_key import encrypt_again
from compliance.lib.wording import count_of


class Command(BaseCommand):
    """Makes SECRET_KEY the key of the installation. The former key must be in SECRET_KEY_FALLBACKS."""

    help = (
        "Encrypt all secrets with SECRET_KEY, and make it the installation's key. The former key must be in "
        "SECRET_KEY_FALLBACKS, on every machine. Afterwards, remove it there."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        """Encrypt the secrets."""
        rows, closed = encrypt_again()
        self.stdout.write(f"The secrets in {count_of(rows, 'row')} were encrypted with the new key.")
        if closed:
            self.stdout.write(
                f"{count_of(closed, 'secret')} could not be decrypted with any key and remain as they were."
            )
