"""A scripted fault server over given meetings; see `Origin`, `pool_of` and `faults`.

::

    with Origin(meetings={"M1": OriginMeeting(zip_bytes)}, faults=[CutAt(0.5, times=1)]) as origin:
        ...  # ask origin.url + "/meetings/M1/download-package"
        assert [request.sent for request in origin.log.packages] == [512, 512]
"""

from kiosk.demo.origin.faults import (
    AS_EXISTING_MASTER,
    ChangingETag,
    CutAt,
    Drip,
    DripHead,
    EmptyBody,
    Endless,
    Fault,
    Gzip,
    HangUp,
    HoldAt,
    HtmlPage,
    NoETag,
    NoLength,
    NoRanges,
    OtherPackage,
    RedirectTo,
    ResetAt,
    Silent,
    Slow,
    SlowStart,
    Status,
    StopAt,
    WeakETag,
    WrongBytes,
    WrongLength,
    WrongRange,
)
from kiosk.demo.origin.log import Log, Request
from kiosk.demo.origin.meeting import ONGOING, OriginMeeting
from kiosk.demo.origin.pool import CLOSED, SWALLOW_SYN, OriginPool, pool_of
from kiosk.demo.origin.server import Origin, PlainOrigin

__all__ = [
    "AS_EXISTING_MASTER",
    "CLOSED",
    "ONGOING",
    "SWALLOW_SYN",
    "ChangingETag",
    "CutAt",
    "Drip",
    "DripHead",
    "EmptyBody",
    "Endless",
    "Fault",
    "Gzip",
    "HangUp",
    "HoldAt",
    "HtmlPage",
    "Log",
    "NoETag",
    "NoLength",
    "NoRanges",
    "Origin",
    "OriginMeeting",
    "OriginPool",
    "OtherPackage",
    "PlainOrigin",
    "RedirectTo",
    "Request",
    "ResetAt",
    "Silent",
    "Slow",
    "SlowStart",
    "Status",
    "StopAt",
    "WeakETag",
    "WrongBytes",
    "WrongLength",
    "WrongRange",
    "pool_of",
]
