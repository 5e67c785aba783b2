"""Counting business time: `python -m bench.business_clock`.

A million intervals of up to a month over ten years, counted in microseconds on the calendar of China with its
make-up days, beside numpy's own count of whole days, which knows neither hours nor make-up days.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import numpy as np

from bot.enforcement.business_clock import (
    Calendar,
    Reading,
    due,
    elapsed,
    elapsed_many,
    is_business_day,
    within_many,
)

INTERVALS = 1_000_000
SINGLE = 100_000
ROUNDS = 5
CHINA = Calendar("CN", "Asia/Shanghai")
OFFICE = Calendar("CN", "Asia/Shanghai", Reading.WORKING_HOURS)
FIRST, YEARS = date(2017, 1, 1), 10
DAY_US = 86_400_000_000
TARGET = timedelta(hours=24)


def main() -> None:
    """Measure and print."""
    random = np.random.default_rng(7)
    epoch = (FIRST - date(1970, 1, 1)).days * DAY_US
    starts = epoch + random.integers(0, YEARS * 365 * DAY_US, INTERVALS)
    ends = starts + random.integers(0, 30 * DAY_US, INTERVALS)
    from_day = starts.astype("datetime64[us]").astype("datetime64[D]")
    to_day = ends.astype("datetime64[us]").astype("datetime64[D]")
    days = [FIRST + timedelta(days=number) for number in range((YEARS + 1) * 366)]
    off = [each for each in days if each.weekday() < 5 and not is_business_day(each, CHINA)]
    whole_days = np.busdaycalendar(holidays=np.array(off, dtype="datetime64[D]"))
    moments = [datetime.fromtimestamp(each / 1e6, UTC) for each in islice(starts.tolist(), SINGLE)]
    later = [datetime.fromtimestamp(each / 1e6, UTC) for each in islice(ends.tolist(), SINGLE)]
    measured: dict[str, tuple[int, Callable[[], object]]] = {
        "numpy, whole days": (
            INTERVALS,
            lambda: np.busday_count(from_day, to_day, busdaycal=whole_days),
        ),
        "elapsed, many": (INTERVALS, lambda: elapsed_many(starts, ends, CHINA)),
        "elapsed, many, working hours": (INTERVALS, lambda: elapsed_many(starts, ends, OFFICE)),
        "within 24 hours, many": (INTERVALS, lambda: within_many(starts, ends, TARGET, CHINA)),
        "elapsed, one by one": (
            SINGLE,
            lambda: [elapsed(start, end, CHINA) for start, end in zip(moments, later, strict=True)],
        ),
        "due, one by one": (SINGLE, lambda: [due(start, TARGET, CHINA) for start in moments]),
    }
    print("| what | a second | spread | of the limit |\n|---|---|---|---|")
    limit = 0.0
    for name, (count, run) in measured.items():
        run()
        rates = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            run()
            rates.append(count / (time.perf_counter() - began))
        rate = statistics.median(rates)
        limit = limit or rate
        spread = (max(rates) - min(rates)) / rate
        print(f"| {name} | {rate:,.0f} | {spread:.2f} | {rate / limit:.2f} |", flush=True)


if __name__ == "__main__":
    main()
