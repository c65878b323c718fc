"""Taking an exchange down: the request, and the answer while it passes, both without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from flowkit import Request, Response, TransportError
from flowkit_replay.cassette.bodies import Sink, folder_of
from flowkit_replay.cassette.interactions import BROKEN, CLOSED, Interaction, noted
from flowkit_replay.secrets.scrubbing import Passing, Scrubber

__all__ = ["Taker"]


class Taker:
    """Makes interactions of what happens.

    Args:
        path: the cassette.
        scrubber: takes the secrets out.
        large: bodies of more bytes than this are not held in memory, but lie beside the cassette.
    """

    def __init__(self, path: Path, scrubber: Scrubber, large: int | None) -> None:
        self._folder = folder_of(path)
        self._scrubber = scrubber
        self._large = large

    def failure(self, request: Request, error: TransportError) -> Interaction:
        """Return the interaction of an attempt that failed."""
        body, beside = self._sent(request)
        one = Interaction.of_failure(request, body, error)
        return replace(self._scrubber.interaction(one), request_beside=beside)

    def exchange(self, request: Request, response: Response) -> Interaction:
        """Return the interaction of an answer that is there as a whole."""
        body, beside = self._sent(request)
        one = Interaction.of(request, body, response, response.read())
        return replace(self._scrubber.interaction(one), request_beside=beside)

    def watched(
        self, request: Request, response: Response, keep: Callable[[Interaction], None]
    ) -> Response:
        """Return a streamed response that hands its interaction to `keep` when it has passed.

        One that is closed early, or breaks off, is kept as far as it came, and ends so on replay.
        """
        passing = _Passing(self, request, response, keep)
        return Response(
            response.status,
            response.headers,
            iter(passing),
            source=response.source,
            close=passing.close,
        )

    def sink(self) -> Sink:
        """Return a place for a body that comes in pieces."""
        return Sink(self._folder, self._large)

    def arrived(
        self, request: Request, response: Response, sink: Sink, ending: list[str]
    ) -> Interaction:
        """Return the interaction of an answer that has passed; `ending` tells how it broke off."""
        answer, answer_beside = sink.finish()
        body, beside = self._sent(request)
        one = Interaction.of(request, body, response, answer)
        if answer_beside is not None:
            one.headers["Content-Length"] = [str(answer_beside.stat().st_size)]
        if ending:
            one.headers[BROKEN] = ending
        clean = self._scrubber.interaction(one)
        return replace(clean, request_beside=beside, beside=answer_beside)

    def knowing(self, request: Request) -> Scrubber:
        """Return a scrubber that knows the secrets that a request names."""
        body = request.body if isinstance(request.body, bytes) else b""
        *_, found = self._scrubber.request(request.target, request.headers, body)
        return self._scrubber.knowing(found)

    def _sent(self, request: Request) -> tuple[bytes, Path | None]:
        """Return what was sent, or the file that holds it; a long upload is never held whole."""
        body = request.body
        if body is None or isinstance(body, bytes):
            return body or b"", None
        if self._large is None or body.length <= self._large:
            return request.read(), None
        sink = self.sink()
        try:
            for piece in self.knowing(request).pieces(request.chunks()):
                sink.write(piece)
            return sink.finish()
        except BaseException:
            sink.discard()
            raise


class _Passing:
    """A streamed answer on its way to the caller."""

    def __init__(
        self,
        taker: Taker,
        request: Request,
        response: Response,
        keep: Callable[[Interaction], None],
    ) -> None:
        self._taker = taker
        self._request = request
        self._response = response
        self._keep = keep
        self._sink = taker.sink()
        self._done = False
        self._arrived = 0
        # What has been let go of is written at once: no long answer is held in memory.
        self._clean = Passing(taker.knowing(request))

    def __iter__(self) -> Iterator[bytes]:
        pieces = self._response.take_stream()
        try:
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                self._arrived += len(piece)
                for clean in self._clean.feed(piece):
                    self._sink.write(clean)
                yield piece
        except TransportError as error:
            self._end([noted(error), str(error)])
            raise
        self._end([])

    def close(self) -> None:
        """Keep what has arrived, if the caller wants no more of it."""
        try:
            whole = self._response.headers.get("Content-Length") == str(self._arrived)
            self._end([] if whole else [CLOSED])
        finally:
            self._response.close()

    def _end(self, ending: list[str]) -> None:
        if self._done:
            return
        self._done = True
        try:
            self._sink.write(self._clean.rest())
            one = self._taker.arrived(self._request, self._response, self._sink, ending)
        except BaseException:
            self._sink.discard()
            raise
        self._keep(one)
