"""Both ways with plain vcrpy: its cassettes replay here, ours replay there."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
import vcr

from flowkit import FlowClient
from flowkit_replay import Replay

MULTIPART = (
    b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\xff\x01binary\r\n--xx--\r\n"
)
MATCH = ("method", "path", "query", "body")


class Answers(BaseHTTPRequestHandler):
    """Answers by path: JSON, binary or gzip; GET with a body too."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = json.dumps(
            {"retcode": 0, "retmsg": "success", "data": {"size": len(body)}}
        ).encode()
        if "log" in self.path:
            answer = b"\x1f\x8b\x00\xff not really a tar"
        self.send_response(200)
        if "table_info" in self.path:
            answer = gzip.compress(answer)
            self.send_header("Content-Encoding", "gzip")
        kind = "application/octet-stream" if "log" in self.path else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()


def requests_of(flow: FlowClient) -> list[tuple[str, Any]]:
    """Return one request of every kind, by operation."""
    json_headers = {"Content-Type": "application/json"}
    parts = {"Content-Type": "multipart/form-data; boundary=xx"}
    return [
        ("tag.list", flow.request("tag.list", body=b'{"limit": 10}', headers=json_headers)),
        ("table.info", flow.request("table.info", body=b'{"a": 1}', headers=json_headers)),
        ("job.log", flow.request("job.log", body=b'{"job_id": "1"}', headers=json_headers)),
        (
            "data.upload",
            flow.request("data.upload", body=MULTIPART, headers=parts, query="%7B%22a%22%3A1%7D"),
        ),
        ("queue.clean", flow.request("queue.clean")),
    ]


def ask_all(flow: FlowClient) -> list[bytes]:
    return [flow.open(name, {}, request)[1].read() for name, request in requests_of(flow)]


def test_what_plain_vcrpy_recorded_replays_here(server: str, tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    flow = FlowClient(server)
    expected = []
    with vcr.use_cassette(str(path), match_on=MATCH):
        pool = urllib3.PoolManager()
        for _, request in requests_of(flow):
            answer = pool.request(
                request.method, request.url, body=request.body, headers=request.headers
            )
            expected.append(answer.data)
    with FlowClient("http://elsewhere.invalid", plugins=[Replay(path, mode="none")]) as replayed:
        assert ask_all(replayed) == expected


def test_what_flowkit_recorded_replays_under_plain_vcrpy(server: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    with FlowClient(server, plugins=[Replay(path)], server="1.6") as flow:
        expected = ask_all(flow)
    with vcr.use_cassette(str(path), record_mode="none", match_on=MATCH) as cassette:
        pool = urllib3.PoolManager()
        answers = [
            pool.request(r.method, r.url, body=r.body, headers=r.headers).data
            for _, r in requests_of(FlowClient(server, server="1.6"))
        ]
        assert cassette.all_played
    assert answers == expected


def test_plain_vcrpy_around_a_client_works_too(server: str, tmp_path: Path) -> None:
    path = tmp_path / "around.yaml"
    for mode in ("once", "none"):
        with (
            vcr.use_cassette(str(path), record_mode=mode, match_on=MATCH) as cassette,
            FlowClient(server, server="1.6") as flow,
        ):
            assert len(ask_all(flow)) == 5
            assert len(cassette) == 5
            assert cassette.play_count == (5 if mode == "none" else 0)
