"""The permutation of digits: one to one within a length, and with prefixes that stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast.redact.digits import MOST, Numbers
from sipfast.redact.key import keyed

PRF = keyed(b"0123456789abcdef")
DIGITS = st.text("0123456789", min_size=1, max_size=MOST)


def every(size: int) -> list[str]:
    return [f"{number:0{size}}" for number in range(10**size)]


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("keep", [0, 1, ["0"], ["+1", "12"]])
def test_it_is_one_to_one(size: int, keep: int | list[str]) -> None:
    make = Numbers(PRF, keep)
    made = [make(digits) for digits in every(size)]
    assert sorted(made) == every(size)
    # One of them stays on average, and a few of those few whose first digits are set apart.
    assert sum(one == other for one, other in zip(made, every(size), strict=True)) < 10


def test_it_is_one_to_one_on_longer_numbers_too() -> None:
    make = Numbers(PRF, ["12"])
    made = {make(f"{number:05}") for number in range(0, 10**5, 7)}
    assert len(made) == len(range(0, 10**5, 7))


@pytest.mark.parametrize("keep", [0, 4, ["+44", "030"]])
def test_zeros_before_a_number_stay_and_others_get_none(keep: int | list[str]) -> None:
    make = Numbers(PRF, keep)
    numbers = [f"{number:07}" for number in range(0, 10**7, 4_999)]
    made = [make(number) for number in numbers]
    assert [one[0] == "0" for one in made] == [number[0] == "0" for number in numbers]
    assert [one[:2] == "00" for one in made] == [number[:2] == "00" for number in numbers]
    assert len(set(made)) == len(made)
    assert sum(one == other for one, other in zip(made, numbers, strict=True)) < 3


@given(DIGITS)
def test_the_length_stays(digits: str) -> None:
    made = Numbers(PRF, 0)(digits)
    assert len(made) == len(digits)
    assert made.isdigit()
    assert Numbers(PRF, 0)(digits) == made


@given(st.text("0123456789", min_size=7, max_size=15))
def test_a_key_changes_all(digits: str) -> None:
    other = keyed(b"0123456789abcdeg")
    assert Numbers(PRF, 0).permuted(digits) != Numbers(other, 0).permuted(digits)


@given(st.text("123456789", min_size=1, max_size=3), st.text("0123456789", min_size=4, max_size=12))
def test_a_prefix_stays(prefix: str, rest: str) -> None:
    for keep in (len(prefix), [prefix], ["+" + prefix], ["00" + prefix]):
        made = Numbers(PRF, keep)(prefix + rest)
        assert made.startswith(prefix)
        assert len(made) == len(prefix + rest)


def test_a_number_stays_whole_no_longer_than_four_digits_follow() -> None:
    # Else a number as short as the prefix would be shown.
    assert Numbers(PRF, 4)("1234567") == Numbers(PRF, 0)("1234567")
    assert Numbers(PRF, 4)("12345678").startswith("1234")
    assert Numbers(PRF, ["+44"])("44123") == Numbers(PRF, 0)("44123")


def test_other_numbers_do_not_get_a_kept_prefix() -> None:
    make = Numbers(PRF, ["44", "4420"])
    made = [make(f"{number:06}") for number in range(0, 10**6, 97)]
    for number, one in zip(range(0, 10**6, 97), made, strict=True):
        before = f"{number:06}"
        assert one.startswith("44") == before.startswith("44")
    assert len(set(made)) == len(made)


@given(st.text("123456789", min_size=5, max_size=15))
def test_the_prefix_for_abroad_is_a_plus_sign(digits: str) -> None:
    make = Numbers(PRF, ["+44"])
    assert make("00" + digits) == "00" + make(digits)


def test_all_rounds_matter() -> None:
    """Each digit of the result depends on each digit of the number."""
    make = Numbers(PRF, 0)
    base = make.permuted("5551234567")
    for at in range(10):
        digits = "5551234567"[:at] + "0" + "5551234567"[at + 1 :]
        changed = [a != b for a, b in zip(make.permuted(digits), base, strict=True)]
        assert sum(changed) >= 4
