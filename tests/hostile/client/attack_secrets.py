"""Secrets in many places: none of them in anything that is written or printed."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flowkit import FlowClient, FlowError
from tests.hostile.finding import Finding

__all__ = ["attack"]

Use = Callable[[str, int, Path], None]


class _Echo(BaseHTTPRequestHandler):
    """Sends back what it was sent, as an error."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer."""
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(
            "utf-8", "replace"
        )
        words = f"no access with {dict(self.headers)}"
        if authorization := self.headers.get("Authorization"):
            words += f" that is {authorization.split()[-1]}"
            with suppress(ValueError):
                words += base64.b64decode(authorization.split()[-1]).decode()
        body = json.dumps({"retcode": 100, "retmsg": words, "data": {"sent": sent}}).encode()
        body = body if "tag" in self.path else words.encode()
        self.send_response(200 if "tag" in self.path else 403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """End without complaint when the client has gone."""
        with suppress(OSError):
            super().finish()


def _show_config(text: str) -> Use:
    """Return a use of ``flowkit config show``, and of what reads the file, on a file of this text."""

    def use(secret: str, port: int, folder: Path) -> None:
        file = folder / "flowkit.toml"
        file.write_text(text.replace("SECRET", secret), encoding="utf-8")
        environment = {**os.environ, "FLOWKIT_CONFIG": str(file)}
        for options in (
            ["config", "show", "--origin"],
            ["config", "show", "--json"],
            ["tag", "list"],
        ):
            command = [str(Path(sys.executable).with_name("flowkit")), *options]
            ended = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )
            print(ended.stdout, ended.stderr)

    return use


def _address(form: str) -> Use:
    def use(secret: str, port: int, folder: Path) -> None:
        FlowClient(form.replace("SECRET", secret))

    return use


def _header(plugin: str) -> Use:
    def use(secret: str, port: int, folder: Path) -> None:
        from flowkit_auth import Basic, Bearer

        signing = Basic("ann", secret) if plugin == "basic" else Bearer(secret)
        with FlowClient("127.0.0.1", port, plugins=[signing, "logging"]) as flow:
            print(repr(flow), repr(signing))
            for call in (lambda: flow.tag.create("x"), lambda: flow.job.query(7)):
                try:
                    call()
                except FlowError as error:
                    print(error, error.as_reply(), repr(getattr(error, "body", "")))
                    traceback.print_exc()

    return use


def _upload(secret: str, port: int, folder: Path) -> None:
    conf = {"file": "/there", "use_local_data": 0, "table_name": "t", "password": secret}
    with FlowClient("127.0.0.1", port, plugins=["logging"]) as flow:
        flow.data.upload(conf)


def _bind(secret: str, port: int, folder: Path) -> None:
    with FlowClient("127.0.0.1", port, plugins=["logging"]) as flow:
        with flow.recording(folder / "cassette.yaml"), suppress(FlowError):
            flow.table.bind("MYSQL", "t", "n", {"user": "ann", "passwd": secret})
        print((folder / "cassette.yaml").read_text(encoding="utf-8"))
        flow.tag.create(f"password={secret}")


def _command(*options: str, **variables: str) -> Use:
    """Return a use of a command that ends by itself, and of what it prints."""

    def use(secret: str, port: int, folder: Path) -> None:
        given = {name: text.replace("SECRET", secret) for name, text in variables.items()}
        environment = {**os.environ, "FLOWKIT_CONFIG": "", **given}
        command = [str(Path(sys.executable).with_name("flowkit"))]
        command += [option.replace("SECRET", secret) for option in options]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        print(ended.stdout, ended.stderr)

    return use


def _ask_mock(secret: str, port: int, folder: Path) -> None:
    """Send the secret to a mock server in all ways, and look at what it says of its requests."""
    from flowkit_mockserver import MockServer

    with MockServer(fate_version="1.6.1") as mock:
        http = mock.app.test_client()
        credentials = {"Authorization": f"Bearer {secret}", "X-Api-Key": secret}
        http.post("/v1/model/tag/create", json={"tag_name": f"password={secret}"})
        http.post(f"/v1/job/query?token={secret}", json={"job_id": "1", "password": secret})
        http.post("/v1/job/submit", json={"job_runtime_conf": {"secret_key": secret}})
        http.post("/v1/table/bind", json={"address": {"passwd": secret}}, headers=credentials)
        http.post("/v1/data/upload", data={"password": secret}, headers=credentials)
        http.post("/_flowkit/fail", json={"component": "x", "message": f"token={secret}"})
        for path in ("_flowkit", "_flowkit/journal", "metrics", "openapi.json", "board/"):
            print(http.get(f"/{path}").get_data(as_text=True))
        wrong = {"operation": "job.submit", "times": 7}
        print(http.post("/_flowkit/journal/assert", json=wrong).get_data(as_text=True))
        print(mock.requests(), mock.status(), mock.reset())


def _failing_test(secret: str, port: int, folder: Path) -> None:
    """Have pytest report a test that fails, with all that stands in its variables."""
    (folder / "test_it.py").write_text(
        "from flowkit import FlowClient\n"
        "from flowkit_auth import Auth, Basic, Bearer\n"
        "from flowkit_mockserver import MockServer\n"
        "from flowkit_mockserver.settings import Demand\n"
        "def test_it(monkeypatch):\n"
        "    import os\n"
        "    plugins = [Auth('ann', os.environ['IT']), Basic('ann', os.environ['IT'])]\n"
        "    bearer = Bearer(os.environ['IT'])\n"
        "    flow = FlowClient('127.0.0.1', 1, plugins=[bearer], proxy=os.environ['PROXY'])\n"
        "    mock = MockServer(require_auth=Demand('hmac', 'ann', os.environ['IT']))\n"
        "    state, settings, client = mock.state, mock.state.settings, mock.client()\n"
        "    flow.job.query(7)\n"
    )
    environment = {**os.environ, "IT": secret, "PROXY": f"http://ann:{secret}@127.0.0.1:1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--showlocals",
        "--full-trace",
        "-p",
        "no:cacheprovider",
        ".",
    ]
    ended = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "1 failed" in ended.stdout, ended.stdout[-500:]
    print(ended.stdout, ended.stderr)


#: Where a secret is put, and what is done then.
PLACES: dict[str, Use] = {
    "a plugin's table": _show_config('[plugin.auth]\napp_key = "a"\nsecret_key = "SECRET"\n'),
    "a profile's headers": _show_config('[plugin.telemetry]\nheaders = {x-team = "SECRET"}\n'),
    "a table that is none": _show_config('plugin = "SECRET"\n'),
    "a plugin that is no table": _show_config('[plugin]\nauth = "SECRET"\n'),
    "the address in a file": _show_config('url = "http://ann:SECRET@127.0.0.1:1"\n'),
    "an address": _address("http://ann:SECRET@host:port"),
    "an address without scheme": _address("ann:SECRET@host"),
    "a header, Basic": _header("basic"),
    "a header, Bearer": _header("bearer"),
    "an upload's query": _upload,
    "a request's body": _bind,
    "a proxy": _command("--proxy", "http://ann:SECRET@127.0.0.1:1", "job", "list"),
    "a proxy in the environment": _command(
        "--url", "http://flow.invalid", "doctor", http_proxy="http://ann:SECRET@127.0.0.1:1"
    ),
    "a proxy that is none": _command("--proxy", "ann:SECRET@host:port", "job", "list"),
    "a proxy that is shown": _command("config", "show", FLOWKIT_PROXY="socks5://ann:SECRET@h:1"),
    "the help of the mock": _command(
        "mock",
        "--help",
        FLOWKIT_MOCK_CONTROL_TOKEN="SECRET-SECRET",
        FLOWKIT_MOCK_DATABASE="sqlite://SECRET",
    ),
    "a database": _command(
        "mock", "--port", "0", FLOWKIT_MOCK_DATABASE="postgresql+psycopg://ann:SECRET@127.0.0.1:1/x"
    ),
    "a database that is none": _command("mock", "--database", "postgresql://ann:SECRET@h:port/x"),
    "a token that is none": _command("mock", "--control-token", "SECRET\t"),
    "a database's table": _show_config('[mock]\ndatabase = {url = "SECRET"}\n'),
    "requests to a mock": _ask_mock,
    "a test that fails": _failing_test,
}


def attack(seed: int, count: int) -> Finding:
    """Put a secret into `count` places and look for it in all that comes out."""
    found = Finding("planted secrets", count)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    places = list(PLACES.items())
    for number in range(max(count, len(places))):
        name, use = places[number % len(places)]
        chance = random.Random(f"{seed}/{number}")
        secret = "".join(chance.choices("abcdefghkmnpqrstuvwxyz23456789", k=chance.randint(12, 30)))
        written = _written(use, secret, server.server_port)
        for form in (secret, base64.b64encode(f"ann:{secret}".encode()).decode()):
            if form in written:
                at = written.index(form)
                found.faults.append(f"{name}: …{written[max(at - 100, 0) : at + 40]!r}")
        found.count = number + 1
    server.shutdown()
    server.server_close()
    return found


def _written(use: Use, secret: str, port: int) -> str:
    """Return all that is printed, logged, raised and left in files."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root, level = logging.getLogger(), logging.getLogger().level
    ours, passed_on = logging.getLogger("flowkit"), logging.getLogger("flowkit").propagate
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    ours.propagate = True
    try:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(out), redirect_stderr(out):
            try:
                use(secret, port, Path(folder))
            except Exception as error:  # whatever it is, it is printed
                traceback.print_exc()
                values: dict[str, Any] = vars(error)
                print(repr(error), str(error), values)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        ours.propagate = passed_on
    return out.getvalue()
