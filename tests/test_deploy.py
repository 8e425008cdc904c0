"""The files of deploy/ name only variables, commands and files that exist."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from compliance.environment import Environment
from tests.processes import ROOT, Start, free_port, wait

DEPLOY = ROOT / "deploy"
VARIABLES = {name.upper() for name in Environment.model_fields}
OTHERS = {"PATH", "PYTHONDONTWRITEBYTECODE"}


def known(name: str) -> bool:
    return name in OTHERS or name.removesuffix("_FILE") in VARIABLES


def containers() -> Iterator[dict[str, Any]]:
    for resource in yaml.safe_load_all((DEPLOY / "kubernetes" / "ssot-compliance.yaml").read_text()):
        pod = resource.get("spec", {}).get("template", {}).get("spec", {})
        yield from (*pod.get("initContainers", ()), *pod.get("containers", ()))


def test_systemd_units_name_commands_and_variables() -> None:
    units = sorted((DEPLOY / "systemd").glob("*.service"))
    assert [unit.stem for unit in units] == ["ssot-beat", "ssot-migrate", "ssot-web", "ssot-worker"]
    for unit in units:
        text = unit.read_text()
        (command,) = re.findall(r"^ExecStart=/opt/ssot/bin/ssot-compliance (\w+)$", text, re.MULTILINE)
        assert command == unit.stem.removeprefix("ssot-")
        assert command in get_commands()
        names = re.findall(r"^(?:Environment=|LoadCredential=)(\w+)", text, re.MULTILINE)
        assert len(names) == 3
        assert all(map(known, names))
        required = re.findall(r"^Requires=(\S+)$", text, re.MULTILINE)
        assert all((DEPLOY / "systemd" / name).is_file() for name in required)


def test_the_units_share_one_hardening() -> None:
    folder = DEPLOY / "systemd" / "ssot-.service.d"
    assert [path.name for path in folder.iterdir()] == ["hardening.conf"]
    shared = re.findall(r"^(\w+)=", (folder / "hardening.conf").read_text(), re.MULTILINE)
    assert {"NoNewPrivileges", "ProtectSystem", "CapabilityBoundingSet", "SystemCallFilter"} <= set(shared)
    for unit in (DEPLOY / "systemd").glob("*.service"):
        text = unit.read_text()
        assert "\nUser=ssot\n" in text, "without the drop-in, it still isn't root"
        assert set(re.findall(r"^(\w+)=", text, re.MULTILINE)) & set(shared) == {"SystemCallFilter"}
        # The first filter decides whether the list permits or forbids; the unit is read before the drop-in.
        assert re.findall(r"^SystemCallFilter=(.*)$", text, re.MULTILINE)[0] == "@system-service"


def test_kubernetes_runs_commands_without_privileges() -> None:
    found = list(containers())
    assert {container["args"][0] for container in found} == {"migrate", "web", "worker", "beat"}
    for container in found:
        assert container["args"][0] in get_commands()
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
    settings = next(yaml.safe_load_all((DEPLOY / "kubernetes" / "ssot-compliance.yaml").read_text()))["data"]
    assert all(map(known, settings))
    assert all(isinstance(value, str) for value in settings.values())


def test_compose_names_services_volumes_secrets_and_variables_that_exist() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    for name in ("web", "worker", "beat", "migrate"):
        service = services[name]
        assert service["command"] == [name]
        assert name in get_commands()
        assert all(map(known, service["environment"]))
        assert service["read_only"]
        assert set(service["depends_on"]) <= set(services)
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(compose["volumes"])
        assert set(service["secrets"]) <= set(compose["secrets"])
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_compose_is_valid_in_its_format() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def container_file() -> str:
    """Return the container file with one line for each instruction."""
    return (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")


def test_the_image_runs_as_another_user_and_names_variables() -> None:
    build, image = container_file().split("\nFROM ")[1:]
    assert "\nUSER 10001\n" in image
    assert "useradd --uid 10001 " in image
    (environment,) = re.findall(r"^ENV (.+)$", image, re.MULTILINE)
    assert all(known(pair.partition("=")[0]) for pair in environment.split())
    (command,) = re.findall(r'^CMD \["(\w+)"\]$', image, re.MULTILINE)
    assert command in get_commands()
    assert build.startswith("${BASE_IMAGE} AS build\n")
    assert image.startswith("${BASE_IMAGE}\n")


def test_the_image_is_built_of_what_is_there() -> None:
    text, makefile = container_file(), (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\w+)", text.partition("\nFROM ")[2]):
        if target != "python3":  # a package's name after that of make
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for name in re.findall(r"--requirement (\S+)", text):
        assert (ROOT / name).is_file(), name
    (program,) = re.findall(r'^ENTRYPOINT \["([\w-]+)"\]$', text, re.MULTILINE)
    assert f'\n{program} = "compliance.management.command_line:main"\n' in (DEPLOY / "wheel.py").read_text()
    ignored = set((ROOT / ".containerignore").read_text().split())
    assert ignored.isdisjoint({"compliance", "scanner", "templates", "static", "deploy", "Makefile"})


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_images_health_check_works_with_every_documented_setting(
    process_environment: dict[str, str], start: Start
) -> None:
    """127.0.0.1 is none of ALLOWED_HOSTS, and engines pass the variables of their proxy on to containers."""
    (text,) = re.findall(r"^HEALTHCHECK .+ CMD (\[.+\])$", container_file(), re.MULTILINE)
    program, *arguments = json.loads(text)
    assert program == "python3"
    port = free_port()
    settings = {
        "ALLOWED_HOSTS": "tools.example.org",
        "HTTPS": "1",
        "PUBLIC_URL": "https://tools.example.org/ssot",
        "TRUSTED_PROXIES": "10.0.0.1",
        "METRICS_TOKEN": "t" * 20,
    }
    proxy = f"http://127.0.0.1:{free_port()}"
    environment = {"PORT": str(port), "http_proxy": proxy, "HTTP_PROXY": proxy}

    def check() -> int:
        return subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, check=False
        ).returncode

    assert check() != 0
    start({**process_environment, **settings}, "web", port=port)
    wait(lambda: check() == 0)
