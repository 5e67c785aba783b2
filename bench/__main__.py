"""`python -m bench`: every measurement in turn, as Markdown for docs/operate/performance.md."""

from bench import (
    attainment,
    business_clock,
    digest_cost,
    digest_drain,
    digest_morning,
    platform_intake,
    portal,
    review_queue,
    standing,
    startup,
    verdict_click,
)

if __name__ == "__main__":
    for title, measurement in (
        ("A click to a durable verdict", verdict_click),
        ("Requests over the platform API", platform_intake),
        ("The review queue", review_queue),
        ("A day's digest", digest_cost),
        ("A month's digest, and a morning's", digest_morning),
        ("App Home", portal),
        ("A morning at Slack's pace", digest_drain),
        ("Business clock", business_clock),
        ("Attainment", attainment),
        ("Standing", standing),
        ("Start and memory", startup),
    ):
        print(f"\n### {title}\n", flush=True)
        measurement.main()
