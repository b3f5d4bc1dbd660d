"""The benchmark runs, in small, and measures what it says; its figures are not judged here."""

from __future__ import annotations

from bench import run


def test_a_small_benchmark_measures_every_client_and_the_whole_package() -> None:
    (one,) = run.measure(megabytes=8, clients=3, rounds=1)
    assert one.events >= 3 * 2
    assert 0 < one.p50_ms <= one.p99_ms <= one.max_ms
    assert one.rate > 0 and one.curl_rate > 0 and one.worker_mb > 1
