"""HTTP to other machines: with upstream.py the only place that speaks it.

Rules of operation. Nothing here waits by a client library's timeout: every exchange runs over a
`Line`, which any thread can cut at once, and who asks watches the clock. A `Call` keeps its one
connection from exchange to exchange; before another is made, the one that stands is closed, so a
server never sees two package requests of one call. Redirects are followed by hand (at most
`MAX_HOPS`, http and https only, never from https to http). Proxies of the environment are ignored;
identity encoding is asked for and anything else refused; HEAD is never sent. Foreign exceptions are
turned into `ServerError`s by `translated`, and nowhere else. A site's token goes to the servers
that `BEARER` knows, and with no redirect to others.
"""

from kiosk.fetch.bearer import BEARER
from kiosk.fetch.call import Call, get_json, post_json, prepare
from kiosk.fetch.documents import MAX_JSON_BYTES
from kiosk.fetch.line import Line
from kiosk.fetch.naming import translated
from kiosk.fetch.redirects import MAX_HOPS, redirected
from kiosk.fetch.stream import Stream

__all__ = [
    "BEARER",
    "MAX_HOPS",
    "MAX_JSON_BYTES",
    "Call",
    "Line",
    "Stream",
    "get_json",
    "post_json",
    "prepare",
    "redirected",
    "translated",
]
