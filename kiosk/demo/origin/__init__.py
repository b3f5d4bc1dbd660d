"""A scripted fault server over given meetings; see `Origin`, `pool_of` and `faults`.

::

    with Origin(meetings={"M1": OriginMeeting(zip_bytes)}, faults=[CutAt(0.5, times=1)]) as origin:
        ...  # ask origin.url + "/meetings/M1/download-package"
        assert [request.sent for request in origin.log.packages] == [512, 512]
"""

from kiosk.demo.origin.faults import (
    AS_EXISTING_MASTER,
    CutAt,
    DripHead,
    Fault,
    HtmlPage,
    NoETag,
    NoLength,
    NoRanges,
    RedirectTo,
    ResetAt,
    Silent,
    Slow,
    SlowStart,
    Status,
    StopAt,
    WrongBytes,
)
from kiosk.demo.origin.log import Log, Request
from kiosk.demo.origin.meeting import ONGOING, OriginMeeting
from kiosk.demo.origin.pool import CLOSED, OriginPool, pool_of
from kiosk.demo.origin.server import Origin, PlainOrigin

__all__ = [
    "AS_EXISTING_MASTER",
    "CLOSED",
    "ONGOING",
    "CutAt",
    "DripHead",
    "Fault",
    "HtmlPage",
    "Log",
    "NoETag",
    "NoLength",
    "NoRanges",
    "Origin",
    "OriginMeeting",
    "OriginPool",
    "PlainOrigin",
    "RedirectTo",
    "Request",
    "ResetAt",
    "Silent",
    "Slow",
    "SlowStart",
    "Status",
    "StopAt",
    "WrongBytes",
    "pool_of",
]
