"""Real servers for a test: nginx and tinyproxy, started on a free port of this machine.

A test that needs one is skipped where its program is not installed; ``.ci/run`` installs them.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["find_program", "free_port", "nginx", "tinyproxy"]

PATIENCE = 30.0  # seconds


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def find_program(name: str) -> str:
    """Return the path of an installed program; skip the test when there is none."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {name}")
    return found


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[int]:
    """Run a server in the foreground until the block ends; its port, once it listens."""
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        wait = threading.Event()
        for _ in range(int(PATIENCE / 0.02)):
            if process.poll() is not None:
                raise AssertionError(f"{command[0]} ended: {log.read_text()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            wait.wait(0.02)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:  # tinyproxy waits for whoever is connected
            process.kill()
            process.wait(PATIENCE)


@contextmanager
def nginx(folder: Path, server: str, *, tls: bool = False) -> Iterator[int]:
    """Run nginx with one server.

    Args:
        folder: an empty folder.
        server: directives of the server; ``PORT`` stands for its port.
        tls: whether it speaks TLS; `server` names its certificate then.
    """
    program, port = find_program("nginx"), free_port()
    paths = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = f"""
        daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
        events {{ worker_connections 64; }}
        http {{ access_log off; {paths}
            server {{ listen 127.0.0.1:PORT{" ssl" if tls else ""}; server_name localhost; {server} }} }}
    """
    conf = folder / "nginx.conf"
    conf.write_text(text.replace("PORT", str(port)))
    command = [program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(conf)]
    with running(command, port, folder) as listening:
        yield listening


@contextmanager
def tinyproxy(folder: Path, directives: str = "") -> Iterator[int]:
    """Run tinyproxy; its log is ``proxy.log``."""
    program, port = find_program("tinyproxy"), free_port()
    conf = folder / "tinyproxy.conf"
    conf.write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nAllow 127.0.0.1\n"
        f'LogFile "{folder}/proxy.log"\nLogLevel Connect\n{directives}\n'
    )
    with running([program, "-d", "-c", str(conf)], port, folder) as listening:
        yield listening
