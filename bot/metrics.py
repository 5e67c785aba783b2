"""What is counted for Prometheus, in a registry of our own, so that two bots in one process stay apart.

Labels take few values and none that tells of a case: kinds, outcomes and routes, never ids, names or text.
"""

from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)


class Metrics:
    """Every figure that the bot exposes; times are in seconds."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.http_requests = Counter(
            "goodfaith_http_requests",
            "HTTP requests by route and status",
            ["route", "status"],
            registry=self.registry,
        )
        self.http_seconds = Histogram(
            "goodfaith_http_seconds",
            "Time to answer an HTTP request",
            ["route"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.refused_requests = Counter(
            "goodfaith_refused_requests",
            "Requests refused before they were believed, by reason",
            ["reason"],
            registry=self.registry,
        )
        self.interactions = Counter(
            "goodfaith_interactions",
            "Commands, clicks, forms and events by kind, name and outcome",
            ["kind", "name", "outcome"],
            registry=self.registry,
        )
        self.interaction_seconds = Histogram(
            "goodfaith_interaction_seconds",
            "Time from an interaction's arrival to its acknowledgement",
            ["kind"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.deliveries = Counter(
            "goodfaith_deliveries",
            "Outbox deliveries by kind and outcome",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self.outbox_age = Gauge(
            "goodfaith_outbox_age_seconds", "Age of the oldest row that is due", registry=self.registry
        )
        self.standing_wrong = Gauge(
            "goodfaith_standing_recount_wrong",
            "Tallies of standing that the last nightly recount found wrong",
            registry=self.registry,
        )

        # The few children are looked up with every request, and the library's own look-up takes a lock.
        self.http_request = cache(self.http_requests.labels)
        self.http_duration = cache(self.http_seconds.labels)
        self.interaction = cache(self.interactions.labels)
        self.interaction_duration = cache(self.interaction_seconds.labels)

    def exposition(self) -> bytes:
        """All figures in the text format of Prometheus."""
        return generate_latest(self.registry)
