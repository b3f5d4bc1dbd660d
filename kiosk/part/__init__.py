"""The partly-here package on disk, so that a kill or a power cut costs little.

A sparse file in the shape of the package holds headers and compressed data. The data of a file that
is stored uncompressed go into a file of their own, which becomes the object by a rename: they are
written once. Beside both lies a journal (journal.py) that says which bytes are here; it may know
less than the disk holds, never more. Bytes that are here are not written again until they are
`Part.spoil`ed, so what was hashed stays what was hashed.

A `Keeper` writes the journal, a `Finisher` hashes and unpacks what has come. Only a lane that was
admitted may write: what a lane still does after it was dismissed, perhaps in the middle of a write,
raises `Dismissed` and changes nothing.
"""

from kiosk.part.finisher import Broke, Damaged, Finding, Finished, Finisher
from kiosk.part.journal import BuildId, Key
from kiosk.part.keeper import Keeper
from kiosk.part.partly import Dismissed, Done, Part
from kiosk.part.places import claimed, entries_folder

__all__ = [
    "Broke",
    "BuildId",
    "Damaged",
    "Dismissed",
    "Done",
    "Finding",
    "Finished",
    "Finisher",
    "Keeper",
    "Key",
    "Part",
    "claimed",
    "entries_folder",
]
