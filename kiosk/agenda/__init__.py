"""The agenda of a meeting: what the master's document says, matched with what the package holds.

The documents come from systems in the field (contract §3a) and from anybody who answers at their
address: any field may be absent, null or of another type. `parse` takes what makes sense and
never fails. Where no document is to be had, the folders of the archive are the agenda.
"""

from kiosk.agenda.document import (
    MAX_FILES,
    MAX_ITEMS,
    MAX_TEXT,
    Item,
    Listed,
    MeetingData,
    parse,
)
from kiosk.agenda.placing import (
    Fit,
    Placed,
    Places,
    arrange,
    fit,
    fit_of,
    notice_in,
    placed_at,
    places,
)

__all__ = [
    "MAX_FILES",
    "MAX_ITEMS",
    "MAX_TEXT",
    "Fit",
    "Item",
    "Listed",
    "MeetingData",
    "Placed",
    "Places",
    "arrange",
    "fit",
    "fit_of",
    "notice_in",
    "parse",
    "placed_at",
    "places",
]
