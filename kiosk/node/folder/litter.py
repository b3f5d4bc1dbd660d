"""Which names in a folder are nobody's material: hidden, half written, or left by programs."""

from __future__ import annotations

import re

_LITTER = re.compile(
    r"""
    \..*                                # hidden: .DS_Store, swap files, locks, our own uploads
    | ~\$.* | .*~ | \#.*\#              # beside an open Office file; copies that editors make
    | thumbs\.db | ehthumbs.*\.db | desktop\.ini | \$recycle\.bin | \#recycle | @eadir
    | system\ volume\ information | lost\+found | __macosx
    | .*\.(?:part|partial|filepart|crdownload|download|opdownload|aria2|tmp|temp|sw[a-p])
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_litter(name: str) -> bool:
    """Whether a file or folder of that name is passed over without a word."""
    return _LITTER.fullmatch(name) is not None
