"""What can go wrong, and what to do next.

The tree is cut by what the caller does next, not by where the fault arose::

    KioskError
    ├── ServerError          leave this server
    │   ├── TransientError   … and ask it again in a later round
    │   └── UnfitError       … for the rest of this download
    ├── PackageError         stop: the package itself is at fault, whoever delivers it
    ├── LocalError           stop: this machine is at fault, no server is to blame
    └── UsageError           stop: a person has to change a setting or an argument

Every error carries a kebab-case ``code`` from `CODES`, a ``message`` for a reader of English, a
``hint`` that says what a person can do, and the ``details`` (names and numbers) that went into the
message. A page in another language builds its own sentence from ``code`` and ``details``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A kind of fault: which class raises it, its sentence (``str.format`` fields) and its hint."""

    kind: type[KioskError]
    message: str
    hint: str


class KioskError(Exception):
    """Any fault this program has a name for.

    ``code`` must be one of `CODES`; ``details`` fill the fields of its sentence and go to the log
    and the page as they are, so no secret may be among them.
    """

    def __init__(self, code: str, **details: str | int | float) -> None:
        problem = CODES[code]
        if not isinstance(self, problem.kind):
            raise TypeError(f"{code} is a {problem.kind.__name__}, not a {type(self).__name__}")
        self.code = code
        self.details = details
        self.message = problem.message.format_map(_Lenient(details))
        self.hint = problem.hint
        super().__init__(self.message)

    def to_json(self) -> dict[str, object]:
        """The one JSON shape of an error: ``code``, ``message``, ``hint``, ``details``."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "details": dict(self.details),
        }


class ServerError(KioskError):
    """This server did not deliver; another one may."""


class TransientError(ServerError):
    """The same server may do better in a later round."""


class UnfitError(ServerError):
    """This server is not asked again during this download."""


class PackageError(KioskError):
    """The package is not safe or not readable; every server holds the same one."""


class LocalError(KioskError):
    """This machine's disk or settings failed; no server is to blame."""


class UsageError(KioskError):
    """Something a person typed or set is wrong."""


class _Lenient(dict[str, "str | int | float"]):
    """Shows a missing detail as ``?``: an error must never fail while it is being told."""

    def __missing__(self, key: str) -> str:
        return "?"


_AGAIN = "If it stays so, look at that server."
_NEXT = "Have that server looked at."

CODES: dict[str, Problem] = {
    # A server did not answer, or not in time: it may do better later.
    "refused": Problem(
        TransientError, "{server} refused the connection", "Is the service running there?"
    ),
    "unreachable": Problem(
        TransientError, "{server} cannot be reached", "Check its address and the network cable."
    ),
    "connect-timeout": Problem(
        TransientError,
        "{server} did not answer the connection within {seconds} s",
        "Is that machine switched on, and its address right?",
    ),
    "silent": Problem(
        TransientError, "{server} accepted, then said nothing for {seconds} s", _AGAIN
    ),
    "stalled": Problem(
        TransientError, "{server} stopped sending for {seconds} s after {received} bytes", _AGAIN
    ),
    "cut-off": Problem(
        TransientError, "{server} ended the transfer early, after {received} bytes", _AGAIN
    ),
    "reset": Problem(TransientError, "{server} broke the connection off", _AGAIN),
    "busy": Problem(TransientError, "{server} is busy or failing (status {status})", _AGAIN),
    "not-here": Problem(
        TransientError,
        "{server} does not have this package (status {status})",
        "It may still be fetching it; try again a little later.",
    ),
    "too-slow": Problem(
        TransientError,
        "{server} sent only {rate} bytes a second for {seconds} s",
        "Look at that server's load and its network.",
    ),
    "lagging": Problem(
        TransientError,
        "{server} still has an older version of the package",
        "It should fetch the new one by itself; if it stays so, look at that server.",
    ),
    "astray": Problem(
        TransientError,
        "{server} sent us on to {where}, where nothing came of it: {why}",
        "Have the server that it sends to looked at.",
    ),
    "cannot-join": Problem(
        TransientError,
        "{server} has packed the meeting differently; its bytes do not fit those that are here",
        "Nothing to do: it is asked again if the others fail.",
    ),
    # A server answered, and what it said rules it out for this download.
    "not-a-package": Problem(
        UnfitError,
        "{server} answered with something that is not a package ({type})",
        "A login page or another device may stand at that address.",
    ),
    "bad-answer": Problem(UnfitError, "{server} gave an answer that makes no sense: {why}", _NEXT),
    "forbidden": Problem(
        UnfitError,
        "{server} does not let us have the package (status {status})",
        "Check the access rules of that server.",
    ),
    "token-needed": Problem(
        UnfitError,
        "{server} wants to be told the token of its site",
        "Set node_token here to what it is there.",
    ),
    "rejected": Problem(UnfitError, "{server} turned the request down (status {status})", _NEXT),
    "bad-redirect": Problem(UnfitError, "{server} sent us on to nowhere good: {why}", _NEXT),
    "too-large": Problem(
        UnfitError,
        "{server} sent more than {limit} bytes",
        "Raise max_package_mb if the package really is that large.",
    ),
    "wrong-content": Problem(
        UnfitError, "what {server} sent is damaged: {why}", "That server's copy needs renewing."
    ),
    # The package is at fault.
    "unsafe-name": Problem(
        PackageError,
        "the package holds a file with an unsafe name: {name}",
        "Rename that file and build the package again.",
    ),
    "encrypted": Problem(
        PackageError,
        "a file in the package is encrypted: {name}",
        "Build the package without a password.",
    ),
    "unsupported-method": Problem(
        PackageError,
        "a file in the package is compressed in a way we do not read: {name} (method {method})",
        "Build the package again with ordinary ZIP compression.",
    ),
    "bomb": Problem(
        PackageError,
        "the package unpacks to far more than it says: {why}",
        "Build the package again from the original files.",
    ),
    "ambiguous": Problem(
        PackageError,
        "the package can be read in more than one way: {why}",
        "Build the package again with an ordinary ZIP program.",
    ),
    "damaged": Problem(
        PackageError,
        "the package is damaged: {why}",
        "Build the package again, or fetch it from another server.",
    ),
    "duplicate-name": Problem(
        PackageError,
        "two files in the package have the same name: {name}",
        "Rename one of them and build the package again.",
    ),
    "empty-package": Problem(
        PackageError,
        "the package holds no materials: {why}",
        "Add the materials to the meeting and build the package again.",
    ),
    # This machine is at fault.
    "disk-full": Problem(
        LocalError,
        "not enough space: needs {needed} bytes, has {free}",
        "Remove ended meetings, or free space on the disk.",
    ),
    "storage-failed": Problem(
        LocalError, "the disk refused: {why}", "Check the data directory, its rights and the disk."
    ),
    "directory-in-use": Problem(
        LocalError,
        "another kiosk uses {path} already",
        "End the other one, or give this one a data directory of its own.",
    ),
    "worker-lost": Problem(
        LocalError,
        "the download process ended unexpectedly ({why})",
        "Try again; what is here already is kept.",
    ),
    "deadline-exceeded": Problem(
        LocalError, "not done within {seconds} s", "Try again; what is here already is kept."
    ),
    # A person has to change something.
    "no-servers": Problem(
        UsageError, "no server is set up", "Enter the server address on the options page."
    ),
    "bad-setting": Problem(UsageError, "{name}: {why}", "Correct the value and save again."),
    "bad-request": Problem(UsageError, "the request makes no sense: {why}", "Reload the page."),
    "unknown-meeting": Problem(
        UsageError, "there is no meeting {meeting}", "Go back to the list of meetings."
    ),
    "download-running": Problem(
        UsageError,
        "a download is under way",
        "Wait until it has ended, or cancel it, and try again.",
    ),
    "unknown-material": Problem(
        UsageError, "there is no such material here", "Go back to the meeting's materials."
    ),
    "marks-changed": Problem(
        UsageError,
        "somebody else has written on page {page} meanwhile",
        "Both are put together; look at the page once more.",
    ),
    "too-many-marks": Problem(
        UsageError,
        "there is no room for more marks ({what}: {most} at most)",
        "Erase some of them, or go on on another page.",
    ),
    "not-found": Problem(
        UsageError, "there is nothing at this address", "Go back to the start page."
    ),
    "not-allowed": Problem(
        UsageError, "this address does not take that kind of request", "Reload the page."
    ),
    "wrong-host": Problem(
        UsageError,
        "this address is not one of this kiosk's own",
        "Open the kiosk by its own address.",
    ),
    "pin-needed": Problem(UsageError, "the options are locked", "Enter the PIN."),
    "wrong-pin": Problem(
        UsageError,
        "that PIN is wrong; wait {seconds} s before the next try",
        "Ask whoever set this terminal up.",
    ),
    "too-many-pages": Problem(
        UsageError,
        "too many pages look at this room already",
        "Close one of them, and reload this page.",
    ),
    "password-needed": Problem(UsageError, "these pages are locked", "Enter the password."),
    "wrong-password": Problem(
        UsageError,
        "that password is wrong; wait {seconds} s before the next try",
        "Ask whoever set this node up.",
    ),
    # An origin's folder, and its secretary's page.
    "folder-unreadable": Problem(
        LocalError,
        "the folder {folder} cannot be read: {why}",
        "Check the rights on it, and whether its share is connected.",
    ),
    "folder-too-large": Problem(
        UsageError,
        "{folder} holds more than {most} {what}",
        "Move what is not a material somewhere else.",
    ),
    "bad-description": Problem(
        UsageError,
        "the meeting.toml of {folder} makes no sense: {why}",
        "Correct it; until then the version from before stays.",
    ),
    "status-said": Problem(
        UsageError,
        "the meeting.toml of {meeting} says whether it is in progress",
        "Change it there, or take that line out.",
    ),
    "only-here": Problem(
        UsageError,
        "without a password this page can only be opened on the machine itself",
        "Set node_password there to open it from elsewhere.",
    ),
    "file-exists": Problem(
        UsageError, "{name} is there already", "Replace it, or give it another name."
    ),
    "bad-file-name": Problem(
        UsageError, "a file cannot be called {name}: {why}", "Rename it and drop it in again."
    ),
    "upload-too-large": Problem(
        UsageError,
        "{name} is larger than {limit} bytes",
        "Make it smaller, or raise max_package_mb.",
    ),
    "upload-cut": Problem(
        UsageError,
        "{name} broke off after {received} of {expected} bytes",
        "Drop it in again; what was there before is unharmed.",
    ),
    "upload-busy": Problem(
        UsageError, "{most} files are being dropped in already", "It goes on by itself in a moment."
    ),
    "internal": Problem(
        LocalError,
        "something went wrong inside the kiosk",
        "Try again; if it stays so, send the log to whoever looks after it.",
    ),
}
