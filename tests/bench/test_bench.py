"""The benchmark runs, in small, and measures what it says; its figures are not judged here."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from bench import __main__ as bench
from bench import browsers, package, report, searching
from bench.bars import BARS, Bar, over_healthy, per_run
from bench.measure import Run, measure
from bench.package import Package
from bench.peers import CLIENTS
from bench.process import run
from bench.scenarios import GOOD, LARGE, MIDDLE, SCENARIOS, Course, Place, Scenario, fault, slow
from bench.servers import REFUSES

SIZE, FILES = 3_000_000, 6
WELL = Run(
    seconds=1.0, code=0, right=True, size=100, sent=100, documents=5, by_server=[100], requests=1,
    most_open=1, memory=10**7, first_s=0.1, transfer_s=0.5,
)  # fmt: skip


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Package]:
    """A small package in two revisions, under the names of the big ones."""
    folder = tmp_path_factory.mktemp("packages")
    new = package.make(folder / "new.zip", SIZE, FILES)
    old = package.make(folder / "old.zip", SIZE, FILES, changed=[2])
    other = package.make(folder / "next.zip", SIZE, FILES, changed=range(FILES))
    return {LARGE: new, MIDDLE: new, f"{MIDDLE}-old": old, f"{MIDDLE}-next": other}


def test_another_revision_differs_in_the_changed_file_only(packages: Mapping[str, Package]) -> None:
    new, old = packages[MIDDLE], packages[f"{MIDDLE}-old"]
    differing = [path for path in new.files if new.files[path] != old.files[path]]
    assert differing == [list(new.files)[2]]
    assert old.bytes - new.bytes == package.GROWTH


def test_each_client_ends_with_the_right_files(
    packages: Mapping[str, Package], tmp_path: Path
) -> None:
    for name in ("kiosk", "curl", "original"):
        one = measure(Scenario("a", "A", (GOOD,)), CLIENTS[name], packages, tmp_path / "run")
        assert one.good, (name, one)
        assert one.share > 0.99 and one.most_open == 1 and one.memory > 0
        assert one.transfer_s and one.first_s and 0 < one.first_s < one.seconds


def test_a_cut_file_is_not_taken_for_right(packages: Mapping[str, Package], tmp_path: Path) -> None:
    cut = Scenario("a", "A", (Place((fault("CutAt", at=0.5),)), GOOD))
    lone = measure(cut, CLIENTS["curl"], packages, tmp_path / "run")
    assert (lone.code != 0, lone.right, round(lone.share, 1)) == (True, False, 0.5)
    assert measure(cut, CLIENTS["kiosk"], packages, tmp_path / "run").right


def test_dead_places_and_places_that_die(packages: Mapping[str, Package], tmp_path: Path) -> None:
    places = (Place(instead=REFUSES), slow(10**7, dies_after=SIZE // 2), GOOD)
    one = measure(Scenario("a", "A", places), CLIENTS["kiosk"], packages, tmp_path / "run")
    assert one.good
    assert one.by_server[0] == 0 and 0 < one.by_server[1] < SIZE and one.by_server[2] > 0


def test_a_kill_and_a_second_try_count_together(
    packages: Mapping[str, Package], tmp_path: Path
) -> None:
    places = (slow(3 * 10**6),)
    killed = Scenario("a", "A", places, course=Course.KILLED)
    one = measure(killed, CLIENTS["curl"], packages, tmp_path / "run")
    assert one.good
    assert one.requests == 2 and one.share >= 1


def test_an_update_counts_only_what_comes_after_the_first(
    packages: Mapping[str, Package], tmp_path: Path
) -> None:
    update = Scenario("a", "A", (GOOD,), course=Course.UPDATE)
    assert measure(update, CLIENTS["kiosk"], packages, tmp_path / "run").good


def test_the_next_package_is_another_one(packages: Mapping[str, Package], tmp_path: Path) -> None:
    then = Scenario("a", "A", (GOOD,), course=Course.NEXT)
    one = measure(then, CLIENTS["kiosk"], packages, tmp_path / "run")
    assert one.good and one.share > 0.99


def test_what_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    sleeper = tmp_path / "pid"
    process = run(["sh", "-c", f"sleep 600 & echo $! > {sleeper}; wait"], limit_s=0.3)
    assert process.code is None
    assert not is_running(int(sleeper.read_text()))


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_process_is_asked_for_its_memory_and_its_last_words() -> None:
    process = run([sys.executable, "-c", "import sys; print(1); sys.exit('two\\nthree')"], 60)
    assert (process.code, process.said, process.memory > 10**6) == (1, "three", True)
    assert [line for _, line in process.lines] == ["1\n"]


def test_what_took_long_is_not_repeated(packages: Mapping[str, Package], tmp_path: Path) -> None:
    scenario = Scenario("a", "A", (GOOD,), ("curl",))
    results = bench.series(
        [scenario], packages, tmp_path / "run", bench.Effort(3, 3, seldom_s=-1.0)
    )
    assert len(results["a", "curl"]) == 1
    results = bench.series([scenario], packages, tmp_path / "run", bench.Effort(2, 1))
    assert len(results["a", "curl"]) == 2


def test_a_bar_is_met_by_the_median_or_by_every_round() -> None:
    results = {("one", "kiosk"): [dataclasses.replace(WELL, memory=one) for one in (1, 2, 9)]}
    memory = per_run("one", lambda run: run.memory)
    values = memory(results, "kiosk")
    assert Bar("one", "memory", 2, memory).met(values)
    assert not Bar("one", "memory", 2, memory, every=True).met(values)
    assert Bar("one", "memory", 1, memory, at_least=True, every=True).met(values)


def test_over_healthy_pairs_the_rounds_and_leaves_out_failures() -> None:
    slower = [dataclasses.replace(WELL, seconds=1.5, code=code) for code in (0, 1)]
    results = {("cut", "kiosk"): slower, ("healthy", "kiosk"): [WELL, WELL]}
    assert over_healthy("cut")(results, "kiosk") == [0.5]


def test_every_bar_is_about_a_scenario_and_the_page_tells_what_is_missed() -> None:
    names = {scenario.name for scenario in SCENARIOS}
    assert {bar.scenario for bar in BARS} <= names
    results = {
        (scenario.name, client): [WELL, WELL] for scenario in SCENARIOS
        for client in scenario.clients
    }  # fmt: skip
    results["cut", "kiosk"] = [dataclasses.replace(WELL, sent=150)] * 2
    results["gzip", "wget2"] = [dataclasses.replace(WELL, right=False)]
    results["gzip", "kiosk"] = [dataclasses.replace(WELL, code=1, right=False)]
    results["stalled", "loop"] = [dataclasses.replace(WELL, code=None, right=False)]
    page = report.page(report.Facts("2026-11-24", "A machine", 8, 0.1, (5, 3), 20), results, "")
    assert "- the first cuts at 50 %, bytes: 1.50 × the package" in page
    assert "**wrong, called a success**" in page and "not within 100 s" in page
    assert "- Right files in" in page and page.count("| met |") > 20


def test_a_small_benchmark_measures_every_client_and_the_whole_package(tmp_path: Path) -> None:
    small = package.make(tmp_path / "package.zip", 8_000_000, FILES)
    (one,) = browsers.measure(small, 3, 1, tmp_path)
    assert one.events >= 3 * 2
    assert 0 < one.p50_ms <= one.p99_ms <= one.max_ms
    assert one.rate > 0 and one.curl_rate > 0 and one.worker_mb > 1


def test_a_small_search_benchmark_finds_what_it_looks_for(tmp_path: Path) -> None:
    found = searching.measure(2, tmp_path, count=2)
    counts = [found.places[name] for name in searching.QUERIES]
    assert counts[0] == 2 and counts[3] == 2 and counts[4] == 2 and counts[5] == 0
    assert counts[1] >= 2 and counts[2] > 2 * 90
    assert all(len(ms) == 2 and min(ms) > 0 for ms in found.ms.values())
    facts = {"date": "2026-11-27", "machine": "A machine", "memory": 8.0, "load": 0.1}
    page = searching.page(facts, 2, found)
    assert page.count("\n| ") == 1 + len(searching.QUERIES)
