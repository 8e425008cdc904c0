"""Seconds from nothing to a usable overview: `manage.py up` with the demonstration, into an empty folder."""

import time

from bench.product import folder, running

MARKS = {"Open ": "pages answer", "files are clean": "today's figures", "Ready: ": "the whole history"}


def main() -> None:
    """Print one line for each mark that `up` reaches, then stop it."""
    began = time.monotonic()

    def said(line: str) -> None:
        for mark, meaning in MARKS.items():
            if mark in line:
                print(f"{meaning:<20} {time.monotonic() - began:6.1f} s")

    with folder() as data:
        with running(data, (), said):
            pass
        print(f"{'all stopped':<20} {time.monotonic() - began:6.1f} s")


if __name__ == "__main__":
    main()
