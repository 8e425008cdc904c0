"""Seconds from nothing to a usable overview: `manage.py up` with the demonstration, into an empty folder."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKS = {"Open ": "pages answer", "files are clean": "today's figures", "Ready: ": "the whole history"}


def main() -> None:
    """Print one line for each mark that `up` reaches, then stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "PORT": str(port)}
        began = time.monotonic()
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for line in up.stdout or ():
            for mark, meaning in MARKS.items():
                if mark in line:
                    print(f"{meaning:<20} {time.monotonic() - began:6.1f} s")
            if "Ready: " in line:
                break
        up.send_signal(signal.SIGTERM)
        up.communicate()
        print(f"{'all stopped':<20} {time.monotonic() - began:6.1f} s (exit code {up.returncode})")


main()
