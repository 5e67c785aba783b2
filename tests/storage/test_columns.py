"""Public ids: the 26 characters of a ULID, whose order is that of the milliseconds they were made in."""

import time

from storage.columns import new_id

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_of(public_id: str) -> int:
    number = 0
    for digit in public_id:
        number = number * 32 + DIGITS.index(digit)
    return number


def test_an_id_is_the_millisecond_it_was_made_in_and_eighty_bits_of_its_own() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(1_000)]
    after = time.time_ns() // 1_000_000
    assert {len(each) for each in made} == {26}
    assert all(before <= number_of(each) >> 80 <= after for each in made)
    assert len({number_of(each) & (1 << 80) - 1 for each in made}) == 1_000


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(2_000)]  # many of them in one millisecond
    assert made == sorted(made)
