"""Builds the wheels of the product and of its engine: `make wheel` (needs `make node_modules` before).

build/wheel/dist/ssot_compliance-*.whl contains the dashboard and the engine, the templates, the static files,
and the files of the front-end packages that the pages use. ssot_scanner-*.whl contains the engine alone, as
`pip install .` in the checkout does. Both are installed with pipx, uv or pip and need neither make nor npm.
"""

import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))  # a script finds only modules in its own folder

from compliance.lib.product_files import FRONT_END  # noqa: E402

_USED = re.compile(r"""static ['"](vendor/[\w./-]+)['"]""")
_LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt")
_LICENCE_TEXT = Path("/usr/share/common-licenses/Apache-2.0")
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")

_PYPROJECT = """\
[build-system]
requires = {requires}
build-backend = "setuptools.build_meta"

[project]
name = "ssot-compliance"
version = "{version}"
description = "Self-hosted dashboard for the migration of a large Python code base"
license = "Apache-2.0"
license-files = ["LICENSE", "Apache-2.0.txt"]
requires-python = "{python}"
dependencies = {dependencies}

[project.scripts]
ssot-compliance = "compliance.management.command_line:main"
ssot-scanner = "scanner.__main__:main"

[tool.setuptools.packages.find]
include = ["compliance*", "scanner*"]

[tool.setuptools.package-data]
"*" = ["**/*"]
"""


def main() -> None:
    """Build the wheels and print their paths. An argument names another folder than build/wheel."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else PROJECT / "build" / "wheel").resolve()
    shutil.rmtree(target / "dist", ignore_errors=True)
    pip = _builder(target / "builder")
    for name, assemble in (("product", assemble_product), ("engine", assemble_engine)):
        source = target / name
        shutil.rmtree(source, ignore_errors=True)
        assemble(source)
        _add_licence(source)
        command = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*command, "--wheel-dir", str(target / "dist"), str(source)], check=True)
    for wheel in sorted((target / "dist").glob("*.whl")):
        sys.stdout.write(f"{wheel}\n")


def _builder(folder: Path) -> list[str]:
    """Make an environment with the locked build tools. Return the command line of its pip."""
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    lock = str(PROJECT / "deploy" / "requirements-build.lock")
    subprocess.run([*pip, "install", "--quiet", "--require-hashes", "--requirement", lock], check=True)
    return pip


def assemble_engine(source: Path) -> None:
    """Copy the engine into a folder, with the pyproject.toml of the checkout, which describes it."""
    shutil.copytree(PROJECT / "scanner", source / "scanner", ignore=_IGNORED)
    text = (PROJECT / "pyproject.toml").read_text()
    (source / "pyproject.toml").write_text(text.replace('["LICENSE"]', '["LICENSE", "Apache-2.0.txt"]'))


def assemble_product(source: Path) -> None:
    """Copy everything that the product's wheel contains into a folder, and write its pyproject.toml."""
    for package in ("compliance", "scanner"):
        shutil.copytree(PROJECT / package, source / package, ignore=_IGNORED)
    files = source / "compliance" / "files"
    for folder in ("templates", "static"):
        shutil.copytree(PROJECT / folder, files / folder, ignore=_IGNORED)
    _copy_front_end(files)
    (source / "pyproject.toml").write_text(_describe())


def _add_licence(source: Path) -> None:
    """Copy the note on the licence, and Debian's copy of its text.

    Raises:
        SystemExit: if this isn't Debian.
    """
    shutil.copy(PROJECT / "LICENSE", source)
    if not _LICENCE_TEXT.is_file():
        sys.exit(
            f"{_LICENCE_TEXT} is missing: build on Debian, whose copy of the licence the wheels contain."
        )
    shutil.copy(_LICENCE_TEXT, source / "Apache-2.0.txt")


def _copy_front_end(files: Path) -> None:
    """Copy the files of npm's packages that templates name, and the packages' licences.

    Raises:
        SystemExit: if a file is missing, which usually means that npm's packages aren't installed.
    """
    pages = (PROJECT / "templates").rglob("*.html")
    for name in sorted({name for page in pages for name in _USED.findall(page.read_text())}):
        prefix, _, file = name.rpartition("/")
        folders = [folder for known, folder in FRONT_END if known == prefix]
        found = [path for folder in folders if (path := PROJECT / "node_modules" / folder / file).is_file()]
        if not found:
            sys.exit(f"{name} is missing in node_modules. Run `make node_modules`.")
        target = files / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found[0], target)
    for prefix, folder in FRONT_END:
        package = PROJECT / "node_modules" / "/".join(folder.split("/")[: 2 if folder.startswith("@") else 1])
        for licence in (package / name for name in _LICENCES):
            if licence.is_file():
                shutil.copy(licence, files / prefix / "LICENSE")


def _describe() -> str:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    return _PYPROJECT.format(
        requires=project["build-system"]["requires"],
        version=project["project"]["version"],
        python=project["project"]["requires-python"],
        dependencies=[line for line in lines if line and not line.startswith("#")],
    )


if __name__ == "__main__":
    main()
