"""Answers that are not FATE Flow's are named for what they are, with the way out."""

from __future__ import annotations

import pytest

from fakes import Server
from flowkit import FlowClient, Response, Retry, ServerError

NGINX = (
    b"<html>\r\n<head><title>%s</title></head>\r\n<body><center><h1>%s</h1></center>\r\n"
    b"<hr><center>nginx/1.22.1</center></body></html>"
)


def page(title: bytes) -> bytes:
    return NGINX % (title, title)


def failure(status: int, body: bytes, read: bool = True, **headers: str) -> str:
    """Return the text of the error about an answer."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    server = Server(Response(status, names, body))
    flow = FlowClient("gate.example", 80, plugins=[server], retry=Retry(attempts=1))
    with pytest.raises(ServerError) as caught:
        flow.tag.list() if read else flow.queue.clean()
    assert caught.value.status == status
    text = str(caught.value)
    assert f"answered HTTP {status}" in text
    return text


@pytest.mark.parametrize(
    ("status", "body", "headers", "sender", "way_out"),
    [
        (401, page(b"401 Authorization Required"), {"WWW_Authenticate": 'Basic realm="flow"'},
         "by nginx", "enable the plugin basic, bearer or auth"),
        (401, b"Jwt is missing", {"Server": "istio-envoy"}, "by Istio's Envoy", "credentials"),
        (403, b'{"message":"Forbidden"}', {"x_amzn_RequestId": "1"}, "by AWS API Gateway",
         "forbids this"),
        (403, b"RBAC: access denied", {"Server": "envoy"}, "by Envoy", "not allowed there"),
        (404, b"default backend - 404", {}, "Kubernetes ingress", "is the path in front right"),
        (404, b"404 page not found", {}, "", "no such endpoint"),
        (404, b'{"message":"no Route matched with those values"}', {}, "by Kong", "path in front"),
        (407, b"", {"Server": "tinyproxy/1.11"}, "Tinyproxy", "proxy=http://user:password@"),
        (413, page(b"413 Request Entity Too Large"), {}, "by nginx", "client_max_body_size"),
        (413, b'{"message":"Request Too Long"}', {"X_Amzn_RequestId": "1"}, "AWS API Gateway",
         "use_local_data: 0"),
        (429, b"local_rate_limited", {"Server": "envoy"}, "Envoy", "too many requests"),
        (502, page(b"502 Bad Gateway"), {"Server": "nginx"}, "by nginx", "is FATE Flow running"),
        (502, b"<html><h1>502</h1></html>", {"Server": "awselb/2.0"}, "AWS load balancer",
         "is FATE Flow running"),
        (503, b"no healthy upstream", {}, "by Envoy", "no server behind it is ready"),
        (503, b"<html><body><h1>503 Service Unavailable</h1>\n"
         b"No server is available to handle this request.</body></html>", {}, "by HAProxy",
         "no server behind it is ready"),
        (504, page(b"504 Gateway Time-out"), {}, "by nginx", "proxy_read_timeout"),
        (504, b"upstream request timeout", {"Server": "envoy"}, "Envoy", "own limit"),
        (400, page(b"400 The plain HTTP request was sent to HTTPS port"), {}, "nginx",
         "must begin with https://"),
        (400, b"Client sent an HTTP request to an HTTPS server.", {}, "", "begin with https://"),
        (400, page(b"400 No required SSL certificate was sent"), {}, "nginx",
         "give client_certificate and client_key"),
        (400, page(b"400 The SSL certificate error"), {}, "nginx", "has it run out"),
        (418, b"teapot", {}, "", "is this the address of a FATE Flow server?"),
    ],
)  # fmt: skip
def test_a_gateways_answer_is_named_with_its_way_out(
    status: int, body: bytes, headers: dict[str, str], sender: str, way_out: str
) -> None:
    text = failure(status, body, **headers)
    assert sender in text
    assert way_out in text


def test_a_page_is_shown_by_its_title_and_a_text_by_its_beginning() -> None:
    assert failure(502, page(b"502 Bad Gateway")).endswith("It says: '502 Bad Gateway'")
    assert failure(503, b"no healthy upstream").endswith("It says: 'no healthy upstream'")


@pytest.mark.parametrize(("read", "told"), [(False, True), (True, False)])
def test_a_write_that_a_gateway_gave_up_may_have_been_carried_out(read: bool, told: bool) -> None:
    assert ("may have been carried out" in failure(504, b"", read)) is told


def test_no_secret_shows() -> None:
    assert "hunter22" not in failure(403, b"denied for password=hunter22 of ann")
