"""One request after another with requests, over the connection of a `Line`.

What requests must not do by itself is taken from it: proxies and passwords of the environment,
cookies, retries, redirects, decoding, and waiting by its own clock.
"""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import socket
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from kiosk import __version__
from kiosk.fetch.bearer import BEARER
from kiosk.fetch.line import Line

# So much of a body that nobody wants is read, in order to keep the connection.
DRAINED_BYTES = 64 << 10
DEFAULT_HEADERS = {
    "User-Agent": f"kiosk/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
}


class Incoming(http.client.HTTPResponse):
    """An answer whose body is read straight into the reader's own memory.

    ``exact``: the body had a length, all of it was read, and nothing came behind it.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.exact = False
        self._connection = sock

    def take(self, buffer: memoryview) -> int:
        """Read once: how many bytes are in ``buffer`` now; 0 at the end of the body.

        Never more than the length or the chunks say. IncompleteRead where they say more than came.
        """
        if self.isclosed():
            return 0
        if self.chunked:
            data = self.read1(len(buffer))
            buffer[: len(data)] = data
            return len(data)
        if self.length is None:
            return int(self.fp.readinto1(buffer))
        count = int(self.fp.readinto1(buffer[: self.length])) if self.length else 0
        self.length -= count
        if not self.length:
            self.exact = not self._is_followed()
            self.close()
        elif not count:
            raise http.client.IncompleteRead(b"", self.length)
        return count

    def _is_followed(self) -> bool:
        """Whether more has come than belongs to the answer, so that the next one is not to be had.

        What of it lies in the reader's memory goes with the reader, and nobody else would see it.
        """
        self._connection.setblocking(False)
        try:
            return bool(self.fp.peek(1))
        except OSError:  # TLS has nothing more to give
            return False
        finally:
            self._connection.setblocking(True)


class _Plain(HTTPConnection):
    """Closes an answer that is so wrong that urllib3 does not hand it over."""

    _incoming: Incoming | None = None

    def response_class(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> Incoming:
        """Called by http.client for each answer; a class does, too, for it only calls it."""
        self._incoming = Incoming(*args, **kwargs)
        return self._incoming

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        """Called by urllib3 for each answer."""
        try:
            return super().getresponse()
        except BaseException:
            if self._incoming is not None:
                self._incoming.close()
            raise
        finally:
            self._incoming = None


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: requests would read the whole body of a redirect to find out where it leads."""
        return None


class _Adapter(HTTPAdapter):
    """Connections are those of the line; no retries of its own."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(max_retries=0, pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        line = self._line

        class Plain(_Plain):
            def _new_conn(self) -> socket.socket:
                return _taken(self, line)

        class Secure(_Plain, HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                sock = _taken(self, line)
                line.guard(sock)
                return sock

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _taken(connection: HTTPConnection, line: Line) -> socket.socket:
    """A connection of the line. Some OSErrors would be passed over on their way to us."""
    try:
        return line.take((connection.host, connection.port))
    except OSError as fault:
        raise urllib3.exceptions.NewConnectionError(connection, str(fault)) from fault


class Reply:
    """Status, headers and body of one answer; `end` it before the next is asked for.

    A connection is kept only after a body with a length: behind chunks, nobody could tell what
    more has come.
    """

    def __init__(self, response: requests.Response, line: Line) -> None:
        self.status = response.status_code
        self.headers = response.raw.headers
        self._response = response
        self._line = line
        body = response.raw._original_response
        if not isinstance(body, Incoming):
            raise TypeError("not a connection of ours")
        self._body = body
        self._ended = False

    def take(self, buffer: memoryview) -> int:
        """Read once into ``buffer``: how many bytes; 0 at the end (`Incoming.take`)."""
        return self._body.take(buffer)

    def drain(self) -> None:
        """Read the rest where that is little and known, so that the connection may be kept.

        Where it does not come, the connection is of no use, and what was said before still counts.
        """
        left, buffer = self._body.length, memoryview(bytearray(16 << 10))
        if not self._body.will_close and left is not None and left <= DRAINED_BYTES:
            with contextlib.suppress(OSError, http.client.HTTPException):
                while self._body.take(buffer):
                    pass

    def end(self) -> None:
        """Keep the connection where the answer was read wholly and the server agrees; else end it.

        May be called again.
        """
        if self._ended:
            return
        self._ended = True
        if self._body.exact and not self._body.will_close:
            self._response.raw.release_conn()
        else:
            self._response.raw.close()
            self._line.hang_up()


class Asker:
    """Asks over ``line``, one thing at a time. `close` it in the thread that used it."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.headers.update(DEFAULT_HEADERS)
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(line)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def ask(self, url: str, headers: dict[str, str]) -> Reply:
        """The answer to a GET. A connection that was closed unnoticed is replaced, once."""
        tries, worn = self._line.tries, self._line.worn()
        try:
            return self._ask(url, headers)
        except requests.ConnectionError:
            if not worn or self._line.tries != tries or self._line.is_cut:
                raise
        self._line.hang_up()
        return self._ask(url, headers)

    def say(self, url: str, body: bytes) -> Reply:
        """The answer to a POST of JSON. It is sent once: nobody knows whether it was heard."""
        response = self._session.post(
            url,
            data=body,
            headers={"Content-Type": "application/json", **BEARER.header(url)},
            stream=True,
            allow_redirects=False,
            timeout=None,
        )
        return Reply(response, self._line)

    def close(self) -> None:
        """End the connection and give everything back."""
        self._line.hang_up()
        self._session.close()

    def _ask(self, url: str, headers: dict[str, str]) -> Reply:
        said = {**headers, **BEARER.header(url)}
        response = self._session.get(
            url, headers=said, stream=True, allow_redirects=False, timeout=None
        )
        return Reply(response, self._line)
