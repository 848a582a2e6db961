"""How card numbers are written where people read."""

import pytest

from roampost.domain.uid import mask_uid, uid_text


@pytest.mark.parametrize(
    ("uid", "text"),
    [("04A1B2C3", "…C3"), ("04A1B2C3D4", "…D4"), ("04A1B2C3D4E5F6", "…F6"), ("04A1", "…"), ("", "…")],
)
def test_a_card_number_is_masked(uid: str, text: str) -> None:
    assert mask_uid(uid) == text


def test_card_numbers_are_shown_only_when_asked_for() -> None:
    assert uid_text("shown")("04A1B2C3") == "04A1B2C3"
    assert uid_text("masked")("04A1B2C3") == "…C3"
