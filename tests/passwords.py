"""Passwords that tests store."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """Django's default with few iterations, since tests create thousands of accounts."""

    iterations = 1_000
