"""What the steps stand on: the calls of an official client, and what came over the wire for each of them."""

import inspect
import json
import os
import time

import requests


class Refusal:
    """An answer that is no success, and is right: its retcode or HTTP status, and words of its message."""

    def __init__(self, code, words=""):
        self.code = code
        self.words = words

    def fits(self, code, message):
        """Say whether an answer is this refusal."""
        return code == self.code and self.words in message


def conversions(line):
    """Return what converting a homogeneous model and serving it are refused with; None for what is not."""
    if line == (1, 9):  # it fails on every model
        lacking = Refusal(100, "has no attribute 'pipelined_component'")
        return lacking, Refusal(100, "isn't converted")
    return None, Refusal(100, "No module named 'kfserving'")


class Wire:
    """Notes the exchanges of every session of ``requests``."""

    def __init__(self):
        self.exchanges = []
        send = requests.Session.send

        def noting(session, request, **options):
            response = send(session, request, **options)
            response.content  # noqa: B018  read now, an answer that is streamed can be read again
            self.exchanges.append((request, response))
            return response

        requests.Session.send = noting

    def take(self):
        """Return the exchanges since the last time: method, path, HTTP status, retcode, message."""
        taken, self.exchanges = self.exchanges, []
        return [_noted(request, response) for request, response in taken]


def _noted(request, response):
    path = request.path_url.partition("?")[0]
    kind = response.headers.get("Content-Type", "")
    code, message = (0 if response.ok else response.status_code), ""
    if "json" in kind:
        body = response.json()
        if isinstance(body, dict):
            code, message = body.get("retcode", code), str(body.get("retmsg", ""))
            if isinstance(code, str):
                # Creating a tag of 1.x says it in words, and in the place of the code.
                code = 0 if "success" in code else code
    return request.method, path, response.status_code, code, message


class Steps:
    """Runs steps one after the other and prints a line of JSON for each.

    Args:
        line: the line of the server, as two numbers.
        surface: every step there is to run, by its name; `done` takes them away.
        folder: an empty folder for files.
    """

    def __init__(self, line, surface, folder):
        self.line = line
        self.left = dict(surface)
        self.folder = folder
        self.wire = Wire()
        self.count = 0

    def path(self, name):
        """Return the path of a file or folder of its own."""
        self.count += 1
        return os.path.join(self.folder, f"{self.count}_{name}")

    def file(self, name, document):
        """Write a JSON document and return its path."""
        path = self.path(name + ".json")
        with open(path, "w") as file:
            json.dump(document, file)
        return path

    def report(self, name, call, expected, detail=""):
        """Carry a step out, print what came of it, and return what the client gave."""
        self.left.pop(name, None)
        result, raised = None, ""
        try:
            result = call()
        except (Exception, SystemExit) as error:
            raised = f"{type(error).__name__}: {error}"
        exchanges = self.wire.take()
        code, message = exchanges[-1][3:] if exchanges else (None, "")
        if not exchanges and isinstance(result, dict) and result.get("retcode"):
            code, message = "client", str(result["retmsg"])
        if raised:
            good = isinstance(expected, Refusal) and expected.fits("raised", raised)
        elif isinstance(expected, Refusal):
            good = expected.fits(code, message)
        else:
            good = code in (0, None)
        good = good and all(
            exchange[2] not in (404, 405, 500, 502) or expected for exchange in exchanges
        )
        line = {
            "step": name,
            "detail": detail,
            "good": good,
            "raised": raised or ("" if exchanges else message),
            "exchanges": exchanges,
        }
        print(json.dumps(line), flush=True)
        return result

    def finish(self):
        """Name what no step has called."""
        for name in sorted(self.left):
            print(json.dumps({"step": name, "missing": True}), flush=True)

    def wait(self, query, job_id, seconds=120):
        """Ask for a job until it has ended; return its status."""
        end = time.time() + seconds
        while time.time() < end:
            rows = query(job_id)
            if rows and all(row["f_status"] in ("success", "failed", "canceled") for row in rows):
                break
            time.sleep(0.1)
        self.wire.take()
        return [row["f_status"] for row in rows]


def fitting(function, arguments):
    """Return those of the arguments that a function takes."""
    taken = inspect.signature(function).parameters
    if any(one.kind is one.VAR_KEYWORD for one in taken.values()):
        return arguments
    return {name: value for name, value in arguments.items() if name in taken}
