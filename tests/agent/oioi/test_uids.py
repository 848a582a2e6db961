"""UIDs of every length: 8, 14 and 20 characters, and what is shorter is filled up on the left."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roampost.hubs.oioi.uids import oioi_uid


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("04A2B3C4", "04A2B3C4"),
        ("04a2b3c4", "04A2B3C4"),
        (" 04A2B3C4\n", "04A2B3C4"),
        ("1", "00000001"),
        ("4A2B3C4", "04A2B3C4"),
        ("104A2B3C4", "00000104A2B3C4"),
        ("04A2B3C4D5", "000004A2B3C4D5"),
        ("04A2B3C4D5E6F7", "04A2B3C4D5E6F7"),
        ("104A2B3C4D5E6F7", "00000104A2B3C4D5E6F7"),
        ("04A2B3C4D5E6F708091A", "04A2B3C4D5E6F708091A"),
    ],
)
def test_upper_case_and_filled_up_on_the_left(ours: str, theirs: str) -> None:
    assert oioi_uid(ours) == theirs


@pytest.mark.parametrize("bad", ["", " ", "04A2B3C4D5E6F708091A2", "04A2B3CG", "04:A2:B3:C4", "0x04A2B3", "٠٤٢"])
def test_what_is_no_uid(bad: str) -> None:
    assert oioi_uid(bad) is None


@given(st.text(string.hexdigits, min_size=1, max_size=20))
def test_the_number_stays_and_the_form_is_its_own_form(uid: str) -> None:
    told = oioi_uid(uid)
    assert told is not None
    assert re.fullmatch("[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20}", told)
    assert int(told, 16) == int(uid, 16)
    assert oioi_uid(told) == told
