"""The wheel of the whole product, installed outside of the checkout, and that of its engine."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from tests.processes import ROOT, free_port, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel, and beside it the packages that are installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "deploy/wheel.py", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = (folder / "dist").glob("ssot_compliance-*.whl")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True, cwd=folder
    )
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


@pytest.fixture
def environment(installed: Path, process_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in process_environment.items() if name not in ("DATA_DIR", "PYTHONPATH")
    }
    return {**kept, "XDG_DATA_HOME": str(tmp_path / "data"), "PATH": f"{installed}:{os.environ['PATH']}"}


@pytest.fixture
def port(environment: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The port of a web server that the installed command runs."""
    number = free_port()
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            ["ssot-compliance", "web", "--", "--workers", "1"],
            env={**environment, "PORT": str(number)},
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
    try:
        wait(lambda: read(number, "/livez") == b"ok\n")
        yield number
    finally:
        server.terminate()
        server.wait()
        print((tmp_path / "log").read_text())


def read(port: int, path: str) -> bytes:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


@pytest.mark.django_db(transaction=True)
def test_pages_and_files_are_served_without_the_checkout(port: int, tmp_path: Path) -> None:
    page = read(port, "/sign-in/").decode()
    assert "<h1" in page
    for name in ("vendor/tabler/tabler.min.css", "vendor/htmx/htmx.min.js", "vendor/chart/chart.umd.min.js"):
        assert len(read(port, f"/static/{name}")) > 10_000, name
    assert b"--" in read(port, "/static/css/theme.css")
    assert (tmp_path / "data" / "ssot-compliance" / "metrics").is_dir()


def test_both_commands_run_and_the_licence_is_there(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    for command in (["ssot-compliance", "doctor", "--help"], ["ssot-scanner", "plan", "--help"]):
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    done = subprocess.run(
        ["ssot-compliance", "--version"], env=environment, capture_output=True, text=True, check=True
    )
    assert f'version = "{done.stdout.strip()}"' in (ROOT / "pyproject.toml").read_text()
    module = "import compliance.lib.product_files as f; print(f.start_command(port=1), f.PACKAGE, sep='\\n')"
    done = subprocess.run(
        [installed / "python", "-c", module],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    package = next(installed.parent.glob("lib/*/site-packages/compliance"))
    assert done.stdout.splitlines() == ["ssot-compliance up --port 1", str(package)]
    (licence,) = installed.parent.glob(
        "lib/*/site-packages/ssot_compliance-*.dist-info/licenses/Apache-2.0.txt"
    )
    assert "TERMS AND CONDITIONS FOR USE" in licence.read_text()


def test_the_engine_has_a_wheel_of_its_own(installed: Path) -> None:
    (wheel,) = (installed.parents[1] / "dist").glob("ssot_scanner-*.whl")
    with ZipFile(wheel) as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
        (described,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(described).decode()
        licence = archive.read(described.replace("METADATA", "licenses/Apache-2.0.txt")).decode()
    assert folders == {"scanner", described.partition("/")[0]}
    needed = set(re.findall(r"^Requires-Dist: ([\w-]+)==\S+$", metadata, re.MULTILINE))
    assert {"libcst", "tree-sitter"} <= needed
    assert needed.isdisjoint({"Django", "celery", "psycopg", "cryptography"})
    assert "TERMS AND CONDITIONS FOR USE" in licence
