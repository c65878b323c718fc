"""Downloads: what arrives, what errors become, and that failures leave nothing behind."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import (
    ArchiveError,
    ArgumentError,
    ConnectionFailed,
    FlowClient,
    FlowError,
    ManualClock,
    OperationError,
    Response,
    ServerError,
)
from flowkit.files.archives import Limits
from flowkit.files.downloads import replace_whole


def archive(**files: str) -> bytes:
    """Return a tar.gz with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


def model_file() -> bytes:
    """Return a zip file with a single file in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("pipeline.pb", "model")
    return buffer.getvalue()


def attachment(body: bytes | Iterator[bytes], name: str = "x.tar.gz", **more: Any) -> Response:
    """Return a response as FATE Flow sends files: with a name that is not quoted."""
    headers = {
        "Content-Disposition": f"attachment; filename={name}",
        "Content-Type": "application/x-tar",
    }
    return Response(200, headers, body, **more)


def log(tmp_path: Path, *answers: Any, **settings: Any) -> Any:
    """Download the log of job 7 from a server that gives these answers."""
    flow = FlowClient(plugins=[Server(*answers)], clock=ManualClock(), **settings)
    return flow.job.log(7, tmp_path / "out")


def left_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_an_archive_becomes_a_directory(tmp_path: Path) -> None:
    reply = log(tmp_path, attachment(archive(**{"guest/9999/INFO.log": "hello"})))
    directory = tmp_path / "out" / "job_7_log"
    assert reply == {
        "retcode": 0,
        "directory": str(directory),
        "retmsg": f"download successfully, please check {directory} directory",
    }
    assert (directory / "guest/9999/INFO.log").read_text() == "hello"
    assert left_in(tmp_path / "out") == [
        "job_7_log",
        "job_7_log/guest",
        "job_7_log/guest/9999",
        "job_7_log/guest/9999/INFO.log",
    ]


def test_the_name_that_the_server_gives_does_not_count(tmp_path: Path) -> None:
    log(tmp_path, attachment(archive(a="1"), "../../../evil.tar.gz"))
    assert left_in(tmp_path) == ["out", "out/job_7_log", "out/job_7_log/a"]


def test_an_earlier_download_is_replaced(tmp_path: Path) -> None:
    log(tmp_path, attachment(archive(old="1")))
    log(tmp_path, attachment(archive(new="2")))
    assert left_in(tmp_path) == ["out", "out/job_7_log", "out/job_7_log/new"]


def broken() -> Iterator[bytes]:
    yield archive(a="1")[:20]
    raise ConnectionFailed("the connection broke")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: envelope(retcode=210, retmsg="no data", status=210), OperationError),
        (lambda: envelope(retcode=100, retmsg="'NoneType' object"), OperationError),
        (lambda: envelope(retcode=0), ServerError),
        (lambda: Response(502, {"Content-Type": "text/html"}, b"<html>"), ServerError),
        (lambda: Response(404, {"Content-Disposition": "attachment"}, b"no"), ServerError),
        (lambda: attachment(broken()), ConnectionFailed),
        (lambda: attachment(archive(a="1")[:-5]), ArchiveError),
        (lambda: attachment(archive(**{"../up": "1"})), ArchiveError),
        (lambda: attachment(b'{"retcode": 100}'), ArchiveError),
    ],
)
def test_failures_leave_nothing_behind(tmp_path: Path, answer: Any, error: type[FlowError]) -> None:
    with pytest.raises(error) as caught:
        log(tmp_path, answer())
    assert caught.value.operation == "job.log"
    assert left_in(tmp_path) == []


def test_a_failure_leaves_the_earlier_download_alone(tmp_path: Path) -> None:
    log(tmp_path, attachment(archive(old="1")))
    with pytest.raises(ArchiveError):
        log(tmp_path, attachment(archive(**{"new": "2", "/abs": "3"})))
    assert left_in(tmp_path) == ["out", "out/job_7_log", "out/job_7_log/old"]


def test_an_error_in_place_of_a_file_says_what_the_server_said(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="no data") as caught:
        log(tmp_path, envelope(retcode=210, retmsg="no data", status=210))
    assert caught.value.retcode == 210


def test_the_response_is_closed_in_any_case(tmp_path: Path) -> None:
    closed: list[bool] = []
    log(tmp_path, attachment(iter([archive(a="1")]), close=lambda: closed.append(True)))
    bad = attachment(iter([archive(**{"..": "1"})]), close=lambda: closed.append(True))
    with pytest.raises(ArchiveError):
        log(tmp_path, bad)
    assert closed == [True, True]


def test_limits_can_be_set(tmp_path: Path) -> None:
    flow = FlowClient(plugins=[Server(attachment(archive(a="12345")))])
    with pytest.raises(ArchiveError, match="beyond 4 bytes"):
        flow.with_options(unpack=Limits(total=4)).job.log(7, tmp_path)
    with pytest.raises(ArchiveError, match="more than 0 members"):
        flow.with_options(unpack=Limits(members=0)).job.log(7, tmp_path)
    assert flow.with_options(unpack=Limits(total=1000)).job.log(7, tmp_path).ok


@pytest.mark.parametrize("obstacle", ["out", "out/job_7_log"])
def test_what_is_in_the_way_is_found_before_anything_is_sent(tmp_path: Path, obstacle: str) -> None:
    (tmp_path / obstacle).parent.mkdir(exist_ok=True)
    (tmp_path / obstacle).write_text("mine")
    server = Server(attachment(archive(a="1")))
    with pytest.raises(ArgumentError, match=r"is not a directory|is in the way"):
        FlowClient(plugins=[server]).job.log(7, tmp_path / "out")
    assert server.requests == []
    assert (tmp_path / obstacle).read_text() == "mine"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "job_7_log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArgumentError, match="is in the way"):
        FlowClient(plugins=[Server()]).job.log(7, tmp_path)


def test_a_full_disk_is_an_error_of_flowkits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flowkit.files.archives._Target.write_file", full)
    with pytest.raises(FlowError, match=r"job_7_log' cannot be written: No space left") as caught:
        log(tmp_path, attachment(archive(a="1")))
    assert caught.value.operation == "job.log"
    assert left_in(tmp_path) == []


def test_an_interruption_cleans_up_as_well(tmp_path: Path) -> None:
    def interrupted() -> None:
        with replace_whole(tmp_path / "a" / "b") as staging:
            staging.mkdir()
            (staging / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert left_in(tmp_path) == []


MODEL = {
    "model_id": "guest-1#host-2#model",
    "model_version": 2021,
    "role": "guest",
    "party_id": 1,
}


def test_a_model_is_written_under_its_own_name(tmp_path: Path) -> None:
    zipped = model_file()
    server = Server(attachment(iter([zipped[:9], zipped[9:]]), "../../evil.zip"))
    conf = {**MODEL, "output_path": str(tmp_path / "models")}
    reply = FlowClient(plugins=[server]).model.export_model(conf)
    file = tmp_path / "models" / "guest#1#guest-1#host-2#model_2021.zip"
    assert reply == {
        "retcode": 0,
        "file": str(file),
        "retmsg": f"download successfully, please check {file}",
    }
    assert file.read_bytes() == zipped
    assert left_in(tmp_path) == ["models", f"models/{file.name}"]
    assert json.loads(server.requests[0].read())["party_id"] == "1"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>please log in</html>", model_file()[:-30]],
    ids=["empty", "page", "cut"],  # a zip file's bytes hold the time
)
def test_a_model_that_is_no_whole_zip_file_is_not_kept(tmp_path: Path, body: bytes) -> None:
    conf = {**MODEL, "output_path": str(tmp_path / "models")}
    with pytest.raises(ArchiveError, match=r"nothing was kept|no directory at its end") as caught:
        FlowClient(plugins=[Server(attachment(body, "x.zip"))]).model.export_model(conf)
    assert caught.value.operation == "model.export_model"
    assert left_in(tmp_path) == []


def test_a_model_whose_id_is_a_path_is_refused(tmp_path: Path) -> None:
    server = Server()
    conf = {**MODEL, "model_id": "../../up", "output_path": str(tmp_path)}
    with pytest.raises(ArgumentError, match="a name, not a path"):
        FlowClient(plugins=[server]).model.export_model(conf)
    assert server.requests == []


def test_the_configuration_of_a_job_becomes_files(tmp_path: Path) -> None:
    data = {
        "job_id": "7",
        "dsl": {"components": {}},
        "runtime_conf": {"dsl_version": 2},
        "train_runtime_conf": {},
        "model_info": {"model_id": "m"},
        "../../evil": 1,
    }
    flow = FlowClient(plugins=[Server(envelope(data))])
    reply = flow.job.config(7, "guest", 9999, tmp_path)
    directory = tmp_path / "job_7_config"
    assert json.loads((directory / "runtime_conf.json").read_text()) == {"dsl_version": 2}
    assert (directory / "dsl.json").read_text() == '{\n    "components": {}\n}'
    assert left_in(tmp_path) == [
        "job_7_config",
        "job_7_config/dsl.json",
        "job_7_config/evil.json",
        "job_7_config/model_info.json",
        "job_7_config/runtime_conf.json",
        "job_7_config/train_runtime_conf.json",
    ]
    assert reply["directory"] == str(directory)
    assert reply.retmsg == f"download successfully, please check {directory} directory"
    assert {"dsl", "runtime_conf"}.isdisjoint(reply.data)
    assert reply.data["job_id"] == "7"


class BreaksOff(BaseHTTPRequestHandler):
    """Announces more than it sends."""

    def do_GET(self) -> None:
        body = archive(a="1")
        self.send_response(200)
        self.send_header("Content-Disposition", "attachment; filename=x.tar.gz")
        self.send_header("Content-Length", str(len(body) + 1000))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def test_a_connection_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BreaksOff) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with (
                FlowClient("127.0.0.1", server.server_address[1]) as flow,
                pytest.raises(ConnectionFailed) as caught,
            ):
                flow.job.log(7, tmp_path / "out")
        finally:
            server.shutdown()
            thread.join()
    assert caught.value.operation == "job.log"
    assert left_in(tmp_path) == []
