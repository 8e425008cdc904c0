"""The tests' settings (a data folder and a Postgres that end with the run), with the clock set back."""

import os

from tests.screenshots.clock import SHIFT, set_database_clock, set_python_clock

_FIRST = SHIFT not in os.environ
set_python_clock()

from tests.settings import *  # noqa: E402, F403  (starts Postgres where none runs yet)

if _FIRST:
    set_database_clock(os.environ["DATABASE_URL"])
