"""What a power cut leaves of a disk."""

from random import Random

import pytest

from tests.powercut.crash import SECTOR, Mode, Platter
from tests.powercut.disk import Deleted, Disk, Image, Made, Operation, Synced, Truncated, Written

OLD, NEW = b"o" * (4 * SECTOR), b"n" * (4 * SECTOR)


def after(*operations: Operation, image: Image | None = None) -> Platter:
    platter = Platter(image)
    for operation in operations:
        platter.advance(operation)
    return platter


def outcomes(platter: Platter, mode: Mode) -> list[Image]:
    return [platter.cut(mode, Random(seed)) for seed in range(200)]


@pytest.mark.parametrize("mode", Mode)
def test_what_was_synced_is_there(mode: Mode) -> None:
    platter = after(Made("db"), Written("db", 0, NEW), Truncated("db", 100), Synced("db", folder=False))
    assert outcomes(platter, mode) == [{"db": NEW[:100]}] * 200


def test_everything_else_may_be_gone() -> None:
    platter = after(Written("db", 0, NEW), Made("wal"), Written("wal", 0, NEW), image={"db": OLD})
    assert platter.cut(Mode.DROP, Random(1)) == {"db": OLD}


def test_a_prefix_is_in_order() -> None:
    platter = after(*(Written("db", place, b"n") for place in range(3)), image={"db": b"ooo"})
    left = {image["db"] for image in outcomes(platter, Mode.PREFIX)}
    assert left == {b"ooo", b"noo", b"nno", b"nnn"}


def test_writes_are_reordered_and_torn_at_sectors() -> None:
    platter = after(Written("db", 0, NEW), Written("db", 4 * SECTOR, NEW), image={"db": OLD * 2})
    left = {image["db"] for image in outcomes(platter, Mode.TORN)}
    assert {OLD + NEW, NEW + OLD, NEW + NEW, OLD + OLD} < left
    sectors = {image[at : at + SECTOR] for image in left for at in range(0, 8 * SECTOR, SECTOR)}
    assert sectors == {OLD[:SECTOR], NEW[:SECTOR]}


def test_a_gap_before_what_was_kept_holds_zeros() -> None:
    platter = after(Written("db", SECTOR, NEW), Synced("db", folder=False), image={"db": b""})
    assert platter.cut(Mode.DROP, Random(1)) == {"db": bytes(SECTOR) + NEW}


def test_a_deleted_file_may_be_back_until_its_folder_is_synced() -> None:
    gone = after(Deleted("journal", synced=False), image={"journal": OLD})
    assert {len(image) for image in outcomes(gone, Mode.TORN)} == {0, 1}
    gone.advance(Made("wal"))
    gone.advance(Synced("wal", folder=True))
    assert outcomes(gone, Mode.TORN) == [{"wal": b""}] * 200
    assert after(Deleted("journal", synced=True), image={"journal": OLD}).cut(Mode.DROP, Random(1)) == {}


def test_a_synced_folder_holds_a_new_file_without_what_was_written_to_it() -> None:
    platter = after(Made("db"), Written("db", 0, NEW), Made("journal"), Synced("journal", folder=True))
    assert platter.cut(Mode.DROP, Random(1)) == {"db": b"", "journal": b""}


def test_what_was_written_to_a_new_file_does_not_land_in_the_old_one_of_its_name() -> None:
    operations = (Deleted("wal", synced=False), Made("wal"), Written("wal", 0, NEW[:SECTOR]))
    left = {image.get("wal") for image in outcomes(after(*operations, image={"wal": OLD}), Mode.TORN)}
    assert left == {None, OLD, b"", NEW[:SECTOR]}


def test_a_deleted_file_is_read_on_by_who_has_it_open() -> None:
    disk = Disk({"wal": OLD})
    disk.delete("wal", synced=True)
    assert (disk.read("wal", 3, 0), disk.size("wal"), disk.files) == (b"ooo", len(OLD), {})
