"""A real ssh server on loopback (openssh-server), whose one account runs git's own commands."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import free_port, wait


class SshServer:
    """A running server. `log` is what it said."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        self.log = folder / "sshd.log"
        self.process: subprocess.Popen[bytes] | None = None

    def address(self, repository: Path) -> str:
        """The ssh address of a repository."""
        return f"ssh://{self.user}@127.0.0.1:{self.port}{repository}"

    def accept(self, public_key: str) -> None:
        """Let in who has this key, as a deploy key for reading git repositories only."""
        command = 'command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"",restrict'
        (self.folder / "authorized_keys").write_text(f"{command} {public_key}\n")

    def change_host_key(self) -> None:
        """Give the server another key, as a machine that was set up anew has; it reads it when it starts."""
        for file in self.folder.glob("host_key*"):
            file.unlink()
        _make_host_key(self.folder)

    def renew_host_key(self) -> None:
        """Give the running server another key, which it reads when it is told to begin anew."""
        assert self.process is not None
        self.change_host_key()
        new = (self.folder / "host_key.pub").read_text().split()[1]
        self.process.send_signal(signal.SIGHUP)
        wait(lambda: new in self._shown())

    def _shown(self) -> str:
        command = ["ssh-keyscan", "-p", str(self.port), "127.0.0.1"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _make_host_key(folder: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")]
    subprocess.run(command, check=True)


def _program() -> str:
    found = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.fail("sshd is missing. Debian: apt-get install openssh-server", pytrace=False)
    return found


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Run a server with a host key of its own, and no keys that it would let in."""
    folder.mkdir()
    _make_host_key(folder)
    server = SshServer(folder, free_port())
    with running(server):
        yield server


@contextmanager
def running(server: SshServer) -> Iterator[None]:
    """Run the server process."""
    folder, port = server.folder, server.port
    (folder / "authorized_keys").touch()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPidFile none\nUsePAM no\nStrictModes no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)  # where sshd confines its unprivileged part
    command = [_program(), "-D", "-e", "-f", str(folder / "sshd_config")]
    with server.log.open("ab") as log:
        process = server.process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait(lambda: _listens(port))
        yield
    finally:
        process.terminate()
        process.wait()
        print(server.log.read_text())  # shown by pytest when the test failed
