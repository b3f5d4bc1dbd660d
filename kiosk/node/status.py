"""How the node is: for load balancers, for Prometheus, for people."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify

from kiosk import __version__
from kiosk.node import Node

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def blueprint(node: Node) -> Blueprint:
    """The routes outside the interface of contract §3a."""
    routes = Blueprint("status", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return _fresh(jsonify(health_of(node)))

    @routes.get("/metrics")
    def metrics() -> Response:
        lines = [*_measured(node), *(line for more in node.measures for line in more())]
        return _fresh(Response("\n".join(lines) + "\n", content_type=METRICS_TYPE))

    @routes.get("/status")
    def told() -> Response:
        text = "\n".join(_told(node)) + "\n"
        body = text.encode("utf-8", "replace")
        return _fresh(Response(body, content_type="text/plain; charset=utf-8"))

    return routes


def health_of(node: Node) -> dict[str, Any]:
    """What there is to know at a glance; ``age_s``: for how long nothing was heard from above."""
    state = node.source.state()
    offered = node.source.offered()
    served = [one for one in offered if node.record(one.id)]
    return {
        "status": "ok",
        "version": __version__,
        "online": state.online,
        "asked": state.asked,
        "age_s": None if state.heard_at is None else round(max(0, time.time() - state.heard_at), 1),
        "meetings": len(offered),
        "served": len(served),
        "note": state.note,
        "troubles": [{"meeting": key, "why": str(why)} for key, why in node.troubles.items()],
    }


def _measured(node: Node) -> Iterator[str]:
    health = health_of(node)
    free = shutil.disk_usage(node.settings.directory).free
    for name, value, help_ in (
        ("online", int(health["online"]), "Whether who is asked answers."),
        ("heard_age_seconds", health["age_s"] or 0, "Time since it did."),
        ("meetings", health["meetings"], "Meetings in progress."),
        ("meetings_served", health["served"], "Meetings in progress whose package is here."),
        ("troubles", len(health["troubles"]), "Meetings that cannot be served as they should be."),
        ("streams", node.admission.sending, "Packages that this process is sending."),
        ("turned_away_total", node.admission.turned_away, "Requests that were told to come again."),
        ("free_bytes", free, "Space on the disk."),
    ):
        kind = "counter" if name.endswith("_total") else "gauge"
        yield f"# HELP kiosk_node_{name} {help_}"
        yield f"# TYPE kiosk_node_{name} {kind}"
        yield f"kiosk_node_{name} {value}"


def _told(node: Node) -> Iterator[str]:
    health = health_of(node)
    since = "" if health["age_s"] is None else f", heard {health['age_s']:.0f} s ago"
    yield f"{health['asked']}: {'online' if health['online'] else 'offline'}{since}"
    for one in node.source.offered():
        record = node.record(one.id)
        package = f"{record.package.bytes} bytes" if record else "not here yet"
        yield f"{one.id}  {one.title}  {one.time}  {package}"
    if health["note"]:
        yield f"! {health['note']}"
    for trouble in health["troubles"]:
        yield f"! {trouble['meeting']}  {trouble['why']}"


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
