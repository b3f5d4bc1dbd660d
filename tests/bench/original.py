"""How the original system downloads: ``python original.py TARGET URL…``; exit 0 when it has it all.

Server after server: a plain GET with 30 s of patience, up to three tries each, every one from the
first byte on; what came is what there is. The addresses are asked as given: the shuffle has been
done by whoever starts this.
"""

from __future__ import annotations

import sys

import requests

TIMEOUT_S, TRIES, CHUNK = 30, 3, 8192


def main(target: str, urls: list[str]) -> int:
    """The first server that gives a whole answer ends it."""
    for url in urls:
        for _ in range(TRIES):
            if fetched(url, target):
                return 0
    return 1


def fetched(url: str, target: str) -> bool:
    """One try."""
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT_S) as answer:
            answer.raise_for_status()
            with open(target, "wb") as file:
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
    except (requests.RequestException, OSError) as fault:
        print(fault, file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
