"""Answers that are not FATE Flow's: a gateway's page, a proxy's, another server's; what they mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowkit.call.model import Call, Response

__all__ = ["describe_foreign"]

SNIPPET = 300
#: How those who answer in a server's place show: in the header Server or Via, in another header's
#: name, or in the body.
SENDERS = (
    ("istio-envoy", "Istio's Envoy"),
    ("envoy", "Envoy"),
    ("no healthy upstream", "Envoy"),
    ("upstream connect error", "Envoy"),
    ("openresty", "OpenResty (nginx)"),
    ("nginx", "nginx"),
    ("awselb", "an AWS load balancer"),
    ("x-amz-cf-id", "AWS CloudFront"),
    ("x-amzn-requestid", "AWS API Gateway"),
    ("cloudflare", "Cloudflare"),
    ("haproxy", "HAProxy"),
    ("no server is available to handle this request", "HAProxy"),
    ("kong", "Kong"),
    ("no route matched with those values", "Kong"),
    ("traefik", "Traefik"),
    ("caddy", "Caddy"),
    ("squid", "the proxy Squid"),
    ("tinyproxy", "the proxy Tinyproxy"),
    ("varnish", "Varnish"),
    ("default backend - 404", "the default backend of a Kubernetes ingress"),
    ("apache", "Apache"),
    ("microsoft-iis", "IIS"),
    ("google frontend", "a Google load balancer"),
)
#: What a status means when a gateway sends it, and the way out.
MEANINGS = {
    400: "it does not understand the request; is the address right, http or https?",
    401: "it demands credentials; enable the plugin basic, bearer or auth, and see that what they "
    "send is still valid",
    403: "it forbids this; these credentials, this network or this path are not allowed there: ask "
    "whoever runs it",
    404: "it has no such endpoint: is it FATE Flow, and of the expected version? Behind a gateway, "
    "is the path in front right, and does it lead to FATE Flow?",
    405: "it has no such endpoint: is it FATE Flow, and of the expected version?",
    407: "the proxy demands credentials; give them as proxy=http://user:password@host:port",
    408: "the request took longer to arrive than it waits; try again, or have its limit raised",
    413: "the body is larger than it lets through; have its limit raised (nginx: "
    "client_max_body_size), or put the file on the server and upload it with use_local_data: 0",
    414: "the address is longer than it takes; have its limit raised (nginx: "
    "large_client_header_buffers)",
    421: "it does not serve this host name; is the address right?",
    426: "it demands another protocol; is the address right, http or https?",
    429: "there were too many requests; send fewer at a time, or wait",
    431: "the headers are longer than it takes; have its limit raised",
    500: "something failed there; look into its log",
    502: "it gets no usable answer from the server behind it; is FATE Flow running, and where the "
    "gateway looks for it?",
    503: "no server behind it is ready, or it is overloaded; is FATE Flow running? Try again later",
    504: "the server behind it did not answer within the gateway's own limit; have that raised "
    "(nginx: proxy_read_timeout)",
}
#: What some say of themselves with a status that means something else.
SAYINGS = (
    ("plain http request was sent to https port", "the address must begin with https://"),
    ("client sent an http request to an https server", "the address must begin with https://"),
    (
        "no required ssl certificate was sent",
        "it demands a certificate of the client: give client_certificate and client_key",
    ),
    (
        "the ssl certificate error",
        "it does not accept the client's certificate: has it run out, and is it from the authority "
        "that is trusted there?",
    ),
)
MAYBE_DONE = frozenset({408, 500, 502, 504})
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


def describe_foreign(call: Call, response: Response, body: bytes) -> str:
    """Say what came back instead of FATE Flow's envelope, from whom, and what to do about it."""
    from flowkit.call.secrets import mask_text  # rarely needed

    where = call.request.origin + call.request.path
    status = response.status
    if 300 <= status < 400:
        to = mask_text(response.headers.get("Location", "an unnamed place"), call.credentials())
        return f"{where} redirects to {to}; redirects are not followed: use that address itself"
    if response.problem.startswith("the JSON nests"):
        return f"{where} answered with what no reply is made of: {response.problem}"
    text = body[: 64 * SNIPPET].decode("utf-8", "replace").strip()
    kind = response.headers.get("Content-Type", "no content type")
    sender = _sender(response, text)
    by = f" by {sender}" if sender else ""
    meaning = _meaning(status, text)
    if status == 401 and (scheme := response.headers.get("WWW-Authenticate")):
        meaning += f" (it accepts {scheme.partition(' ')[0]})"
    if status in (404, 405) and (since := call.operation.since) != "1.6":
        name = call.operation.name
        meaning += f" {name} needs a FATE Flow of a later line: {since} has it, 1.6 has not"
    if status in MAYBE_DONE and not call.operation.reads:
        meaning += "; the operation may have been carried out all the same"
    said = mask_text(_words(text, kind), call.credentials())
    stop = "" if meaning.endswith("?") else "."
    return (
        f"{where} answered HTTP {status} ({kind}){by} without FATE Flow's envelope; {meaning}{stop}"
        f" It says: {said!r}"
    )


def _meaning(status: int, text: str) -> str:
    low = text[: 8 * SNIPPET].lower()
    for saying, meaning in SAYINGS:
        if saying in low:
            return meaning
    return MEANINGS.get(status, "is this the address of a FATE Flow server?")


def _sender(response: Response, text: str) -> str:
    """Return who sent an answer, as far as it shows."""
    headers = response.headers
    marks = " ".join(
        [headers.get("Server", ""), headers.get("Via", ""), *headers, text[: 8 * SNIPPET]]
    ).lower()
    return next((sender for mark, sender in SENDERS if mark in marks), "")


def _words(text: str, kind: str) -> str:
    """Return the title of a page, the beginning of any other text."""
    import html  # rarely needed

    title = TITLE.search(text) if "html" in kind or text[:1] == "<" else None
    return " ".join(html.unescape(title[1]).split()) if title else text[:SNIPPET].strip()
