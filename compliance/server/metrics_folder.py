"""The folder in which the processes of one web server count requests.

prometheus_client's multi-process mode keeps memory-mapped files in it for each process, so counts don't fall
when a process is replaced.
"""

import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare_metrics_folder(data: Path) -> None:
    """Create this web server's folder, and delete those of web servers that have ended. Call this before
    anything imports prometheus_client, which decides by the variable where it stores values.

    If the folder can't be created, for example because the disk is full, each process counts for itself.

    Args:
        data: the data folder.
    """
    try:
        mine = _create(data / "metrics")
    except OSError as error:
        log.warning("Each web process counts its requests alone, because %s", error)
    else:
        os.environ[VARIABLE] = str(mine)


def _create(folders: Path) -> Path:
    folders.mkdir(mode=0o700, exist_ok=True)
    mine = folders / _name(os.getppid())
    for other in folders.iterdir():
        number = other.name.partition("-")[0]
        if other != mine and number.isdigit() and other.name != _name(int(number)):
            shutil.rmtree(other, ignore_errors=True)
    mine.mkdir(mode=0o700, exist_ok=True)
    return mine


def _name(process: int) -> str:
    """Return a name for a process that no later one gets: its id and the time at which it began (proc(5),
    field 22 of `stat`), or an empty string if it has ended.
    """
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return f"{process}-{fields[19]}"
    return "" if Path("/proc/self").exists() else str(process)
