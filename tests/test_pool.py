"""The pool's rule, which is older than this program: base address + count -> servers."""

from __future__ import annotations

import ipaddress
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import pool
from kiosk.pool import Server

ADDRESSES = st.ip_addresses(v=4).map(str)
COUNTS = st.one_of(st.integers(-3, 400), st.text(max_size=4), st.none(), st.floats(), st.booleans())


@given(ADDRESSES, st.integers(1, 65535), st.integers(1, 400))
def test_pool_is_consecutive_on_one_port_and_stops_at_254(base: str, port: int, count: int) -> None:
    servers = pool.generate(base, port, count)
    first = int(ipaddress.IPv4Address(base))
    last_octet = first & 255
    assert len(servers) == max(0, min(count, 255 - last_octet))
    for step, server in enumerate(servers):
        assert int(ipaddress.IPv4Address(server.host)) == first + step
        assert server.port == port


@given(ADDRESSES, COUNTS)
def test_any_count_gives_a_pool_and_nonsense_counts_as_one(base: str, count: object) -> None:
    servers = pool.generate(base, 8001, count)
    assert len(servers) <= 255
    try:
        wanted = int(count) if isinstance(count, int | str) else 1  # type: ignore[arg-type]
    except ValueError:
        wanted = 1
    if (wanted <= 1 or isinstance(count, bool | float)) and not base.endswith(".255"):
        assert [server.host for server in servers] == [base]


@pytest.mark.parametrize("base", ["files.example", "fe80::1", "localhost", "10.1.1"])
def test_a_base_that_is_not_ipv4_is_a_pool_of_that_one_host(base: str) -> None:
    assert pool.generate(base, 8001, 5) == [Server(base, 8001)]


def test_no_base_is_an_empty_pool() -> None:
    assert pool.generate("  ", 8001, 5) == []


@given(st.lists(ADDRESSES, unique=True, max_size=20), st.integers())
def test_shuffling_keeps_every_server_and_depends_on_chance_alone(
    hosts: list[str], seed: int
) -> None:
    servers = [Server(host, 8001) for host in hosts]
    once = pool.shuffled(servers, random.Random(seed))
    assert sorted(once) == sorted(servers)
    assert once == pool.shuffled(servers, random.Random(seed))


def test_every_server_comes_first_now_and_then() -> None:
    servers = pool.generate("10.1.1.11", 8001, 5)
    firsts = {pool.shuffled(servers, random.Random(seed))[0] for seed in range(100)}
    assert firsts == set(servers)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://10.1.1.11:8001", "http://10.1.1.11:8001/api/v1"),
        ("http://10.1.1.11:8001/api/v1/", "http://10.1.1.11:8001/api/v1"),
        ("https://files.example/x", "https://files.example:443/x"),
        ("http://[::1]:9", "http://[::1]:9/api/v1"),
    ],
)
def test_an_address_names_a_server(url: str, expected: str) -> None:
    assert pool.parse(url).url() == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "10.1.1.11", "ftp://10.1.1.11", "file:///etc/passwd", "gopher://a", "http://",
        "http://user@10.1.1.11", "http://a:99999", "http://a/?q", "http://a/#f", "http://[::1",
    ],
)  # fmt: skip
def test_what_is_no_server_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        pool.parse(url)


def test_listed_servers_take_the_place_of_the_generated_pool() -> None:
    class Listed:
        servers = ("http://10.1.1.9:8001", "http://10.1.1.9:8001/api/v1")
        server_ip, server_port, server_count = "10.1.1.11", 8001, 3

    assert [server.name for server in pool.from_settings(Listed())] == ["10.1.1.9:8001"]
