"""Uploading and importing: forms whose file is streamed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, FlowClient, Request, Response, hookimpl


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    (tmp_path / "loan.csv").write_text("id,y\n1,0\n")
    conf = tmp_path / "upload.json"
    fields = {"file": "loan.csv", "head": 1, "namespace": "a&b=c+d#e%f ü", "table_name": "t"}
    conf.write_text(json.dumps(fields))
    return conf


def form(request: Request) -> dict[str, tuple[str | None, bytes]]:
    """Return file name and content of each part, by name."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts: Any = message_from_bytes(head + request.read()).get_payload()
    return {
        part.get_param("name", header="Content-Disposition"): (
            part.get_filename(),
            part.get_payload(decode=True),
        )
        for part in parts
    }


def test_an_upload_is_a_query_of_json_and_a_form_with_a_file(conf: Path) -> None:
    server = Server()
    FlowClient(plugins=[server]).data.upload(conf, drop=1)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/data/upload")
    assert json.loads(unquote(request.query)) == {
        **json.loads(conf.read_text()),
        "verbose": 0,
        "drop": 1,
    }
    assert set(request.query) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%._-~"
    )
    assert form(request) == {"file": ("loan.csv", b"id,y\n1,0\n")}
    assert request.form is None


def test_drop_is_sent_as_given_and_wins_over_the_configuration(conf: Path) -> None:
    server = Server()
    fields = {**json.loads(conf.read_text()), "file": str(conf.parent / "loan.csv"), "drop": 1}
    FlowClient(plugins=[server]).data.upload(fields)
    assert json.loads(unquote(server.requests[0].query))["drop"] == 0


def test_progress_is_shown_on_request(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def receive(request: Request) -> Response:
        request.read()
        return envelope()

    server = Server(receive)
    flow = FlowClient(plugins=[server])
    flow.data.upload(conf)
    assert capsys.readouterr().err == ""
    flow.data.upload(conf, verbose=1)
    assert "uploading loan.csv: 100 %" in capsys.readouterr().err


def test_an_import_is_a_form_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "model#1.zip").write_bytes(b"PK")
    conf = tmp_path / "import.json"
    fields = {
        "file": "model#1.zip",
        "role": "guest",
        "party_id": 9999,
        "model_id": "m#model",
        "model_version": 8,
        "force_update": True,
        "nothing": None,
    }
    conf.write_text(json.dumps(fields))
    server = Server()
    FlowClient(plugins=[server]).model.import_model(conf)
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/v1/model/import", "")
    plain = {
        "role": "guest",
        "party_id": "9999",
        "model_id": "m#model",
        "model_version": "8",
        "force_update": "1",
    }
    assert request.form == {"file": "model#1.zip", **plain}
    assert form(request) == {
        "file": ("model#1.zip", b"PK"),
        **{name: (None, value.encode()) for name, value in plain.items()},
    }


class Receiver(BaseHTTPRequestHandler):
    """Counts what it receives, without keeping it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        left = size = int(self.headers["Content-Length"])
        while left and (piece := self.rfile.read(min(left, 65536))):
            left -= len(piece)
        data = {"size": size - left, "chunked": "Transfer-Encoding" in self.headers}
        answer = json.dumps({"retcode": 0, "retmsg": "success", "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_file_goes_over_the_wire_in_one_piece_of_known_size(port: int, tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as stream:
        stream.truncate(8 * 1024 * 1024)
    with FlowClient("127.0.0.1", port) as flow:
        data: Any = flow.data.upload({"file": str(tmp_path / "large.csv")}).data
    assert data["size"] > 8 * 1024 * 1024
    assert data["chunked"] is False


class Truncates:
    """Shortens a file once its upload is under way."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @hookimpl
    def flowkit_transferred(self, call: Any, done: int, total: int | None) -> None:
        self.file.write_bytes(b"")


def test_a_file_that_changes_under_way_is_told_as_such(port: int, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(bytes(4 * 1024 * 1024))
    with (
        FlowClient("127.0.0.1", port, plugins=[Truncates(file)]) as flow,
        pytest.raises(ArgumentError, match=r"shrank by .* while it was being sent") as caught,
    ):
        flow.data.upload({"file": str(file)})
    assert caught.value.argument == "file"
