"""The page in docs is the table's own picture."""

from pathlib import Path

from roampost.evse.picture import page

PAGE = Path(__file__).parents[3] / "docs" / "state-table.md"


def test_the_picture_in_the_docs_is_drawn_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m roampost.evse.picture > docs/state-table.md"
