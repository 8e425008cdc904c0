"""`python -m tests.screenshots`: prepares the environment of this process and of those that it starts."""

import os

import django

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.screenshots.settings",
    "PUBLIC_URL": "http://compliance.example.org",
    "ALLOWED_HOSTS": "compliance.example.org,127.0.0.1",
    "LOG_LEVEL": "WARNING",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's event loop runs in this thread
}

if __name__ == "__main__":
    for name in ("DATABASE_URL", "BROKER_URL"):  # the run has its own Postgres, and changes its clock
        os.environ.pop(name, None)
    os.environ.update(SETTINGS)
    os.environ.setdefault("PORT", "8125")
    django.setup()
    from tests.screenshots.session import main

    main()
