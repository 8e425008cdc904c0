"""Disks that are full or read-only: the page, the metrics, the alerts and the doctor name them."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres
from compliance.embedded.server_processes import processes
from tests.embedded.conftest import wait_until
from tests.embedded.walk import Operator
from tests.processes import Start, answers, free_port, kill, wait

pytestmark = pytest.mark.slow


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=711"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False)
    if done.returncode:
        pytest.skip("mounting a file system is not permitted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    try:
        with path.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 2**16)
    except OSError:
        pass


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 400 MB, which Postgres' account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="disk-", dir=os.environ["SSOT_TEST_SESSION"]))
    folder.chmod(0o711)
    with small_disk(folder, 400):
        yield folder
    folder.rmdir()


@pytest.fixture
def paths(disk: Path) -> Iterator[PostgresPaths]:
    """Where the server of the fixture `server` lies: on the small disk."""
    found = PostgresPaths(home=disk / "postgres", socket=disk / "postgres" / "socket")
    found.home.mkdir(mode=0o711)
    yield found
    for pid in processes(found.data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes(found.data))


def send_webhook(port: int) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/webhooks/github/nobody/", b"{}", {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, response.read().decode()


def start_web(start: Start, environment: dict[str, str], folder: Path) -> Operator:
    operator = Operator(environment, free_port(), folder)
    operator.process = start(environment, "web", port=operator.port)
    wait(lambda: answers(f"http://127.0.0.1:{operator.port}"))
    return operator


def test_the_disk_of_the_database_is_full_and_then_has_room(
    installation: dict[str, str], server: Postgres, disk: Path, start: Start, tmp_path: Path
) -> None:
    operator = start_web(start, installation, tmp_path)
    assert send_webhook(operator.port)[0] == 401
    fill(disk / "filler")

    wait(lambda: send_webhook(operator.port)[0] == 503)

    assert "The disk of the database is full. Send the webhook again." in send_webhook(operator.port)[1]
    assert operator.metrics()['ssot_database_errors_total{cause="full"}'] >= 2
    assert "SsotDatabaseErrors" in operator.alerts()
    told = operator.doctor()
    assert "error    Database       The disk of the database is full: " in told
    assert "To do: Make room on the disk of Postgres." in told

    (disk / "filler").unlink()
    wait(lambda: send_webhook(operator.port)[0] == 401)
    assert "is full" not in operator.doctor()


def test_the_data_folder_is_full_and_then_read_only(
    installation: dict[str, str], start: Start, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with small_disk(data, 150):
        operator = start_web(start, installation, tmp_path)
        operator.sign_in()
        assert "disk" not in operator.ready()
        fill(data / "filler")
        assert operator.ready()["disk"] == "0 MB left for the data folder"
        assert "0 MB left for the data folder. Make room" in operator.page("/system/")
        assert operator.metrics()["ssot_data_free_bytes"] == 0
        told = operator.doctor()
        assert f"error    Data folder    {data} cannot be written: No space left on device." in told
        assert "SsotDiskAlmostFull" in operator.alerts()

        (data / "filler").unlink()
        kill(operator.process)  # it has files open, so the disk could not become read-only
        read_only = ["mount", "-o", "remount,ro", str(data)]
        wait(lambda: subprocess.run(read_only, check=False, stderr=subprocess.DEVNULL).returncode == 0)
        operator.process = start(installation, "web", port=operator.port)
        wait(lambda: answers(f"http://127.0.0.1:{operator.port}"))
        assert operator.ready()["disk"].startswith("the data folder cannot be written: it is on a read-only")
        assert "it is on a read-only disk or not ours" in operator.page("/system/")
        assert operator.metrics()["ssot_data_writable"] == 0
        told = operator.doctor()
        assert f"error    Data folder    {data} cannot be written: Read-only file system." in told
        assert "SsotDataFolderNotWritable" in operator.alerts()
        assert operator.ask("/sign-in/")[0] in (200, 302), "pages work without the folder"
