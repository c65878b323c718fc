"""The recorder: interactions of what happens, without secrets, streams while they pass."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from flowkit import Request, Response, TransportError
from flowkit_replay.cassette.bodies import BodyWriter, bodies_folder
from flowkit_replay.cassette.interactions import BROKEN, CLOSED, Interaction, describe_failure
from flowkit_replay.secrets.scrubbing import Scrubber, StreamScrubber

__all__ = ["Recorder"]

Keep = Callable[[Interaction], None]


class Recorder:
    """Makes interactions of requests and their outcomes.

    Args:
        path: the cassette.
        scrubber: takes the secrets out.
        large: bodies of more bytes than this are not held in memory, but lie beside the cassette.
    """

    def __init__(self, path: Path, scrubber: Scrubber, large: int | None) -> None:
        self._folder = bodies_folder(path)
        self._scrubber = scrubber
        self._large = large

    def record_failure(self, request: Request, error: TransportError) -> Interaction:
        """Return the interaction of an attempt that failed."""
        body, file = self._store_request(request)
        one = Interaction.from_failure(request, body, error)
        return replace(self._scrubber.scrub_interaction(one), request_body_file=file)

    def record_response(self, request: Request, response: Response) -> Interaction:
        """Return the interaction of an answer that is there as a whole."""
        body, file = self._store_request(request)
        one = Interaction.from_exchange(request, body, response, response.read())
        return replace(self._scrubber.scrub_interaction(one), request_body_file=file)

    def record_stream(self, request: Request, response: Response, keep: Keep) -> Response:
        """Return a streamed response that hands its interaction to `keep` when it has passed.

        One that is closed early, or breaks off, is kept as far as it came, and ends so on replay.
        """
        stream = _RecordedStream(self, request, response, keep)
        return Response(
            response.status,
            response.headers,
            iter(stream),
            source=response.source,
            close=stream.close,
        )

    def open_writer(self) -> BodyWriter:
        """Return a place for a body that comes in pieces."""
        return BodyWriter(self._folder, self._large)

    def finish_stream(
        self, request: Request, response: Response, writer: BodyWriter, ending: list[str]
    ) -> Interaction:
        """Return the interaction of an answer that has passed; `ending` says how it broke off."""
        answer, answer_file = writer.finish()
        body, file = self._store_request(request)
        one = Interaction.from_exchange(request, body, response, answer)
        if answer_file is not None:
            one.headers["Content-Length"] = [str(answer_file.stat().st_size)]
        if ending:
            one.headers[BROKEN] = ending
        clean = self._scrubber.scrub_interaction(one)
        return replace(clean, request_body_file=file, body_file=answer_file)

    def make_scrubber(self, request: Request) -> Scrubber:
        """Return a scrubber that knows the secrets that a request names."""
        body = request.body if isinstance(request.body, bytes) else b""
        *_, found = self._scrubber.scrub_request(request.target, request.headers, body)
        return self._scrubber.with_secrets(found)

    def _store_request(self, request: Request) -> tuple[bytes, Path | None]:
        """Return what was sent, or the file that holds it; a long upload is never held whole."""
        body = request.body
        if body is None or isinstance(body, bytes):
            return body or b"", None
        if self._large is None or body.length <= self._large:
            return request.read(), None
        writer = self.open_writer()
        try:
            for piece in self.make_scrubber(request).scrub_pieces(request.chunks()):
                writer.write(piece)
            return writer.finish()
        except BaseException:
            writer.discard()
            raise


class _RecordedStream:
    """A streamed answer on its way to the caller."""

    def __init__(
        self, recorder: Recorder, request: Request, response: Response, keep: Keep
    ) -> None:
        self._recorder = recorder
        self._request = request
        self._response = response
        self._keep = keep
        self._writer = recorder.open_writer()
        self._process = os.getpid()
        self._done = False
        self._arrived = 0
        # What has been let go of is written at once: no long answer is held in memory.
        self._clean = StreamScrubber(recorder.make_scrubber(request))

    def __iter__(self) -> Iterator[bytes]:
        pieces = self._response.take_stream()
        try:
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                self._arrived += len(piece)
                if not self._forked:
                    for clean in self._clean.feed(piece):
                        self._writer.write(clean)
                yield piece
        except TransportError as error:
            self._end([describe_failure(error), str(error)])
            raise
        self._end([])

    def close(self) -> None:
        """Keep what has arrived, if the caller wants no more of it."""
        try:
            whole = self._response.headers.get("Content-Length") == str(self._arrived)
            self._end([] if whole else [CLOSED])
        finally:
            self._response.close()

    @property
    def _forked(self) -> bool:
        """True in a process that was forked off while the answer passed: its parent records it."""
        return os.getpid() != self._process

    def _end(self, ending: list[str]) -> None:
        if self._done or self._forked:
            return
        self._done = True
        try:
            self._writer.write(self._clean.flush())
            one = self._recorder.finish_stream(self._request, self._response, self._writer, ending)
        except BaseException:
            self._writer.discard()
            raise
        self._keep(one)
