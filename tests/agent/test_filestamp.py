"""When a file counts as another one."""

import os
import shutil
from pathlib import Path

from roampost.filestamp import file_stamp


def test_a_file_is_another_one_when_replaced_even_with_the_same_time_and_size(tmp_path: Path) -> None:
    file, twin = tmp_path / "a.pem", tmp_path / "b.pem"
    for path, text in ((file, "old"), (twin, "new")):
        path.write_text(text)
        os.utime(path, ns=(0, 0))
    before = file_stamp(file)
    assert file_stamp(file) == before
    Path(shutil.copy2(twin, tmp_path / "c.pem")).rename(file)  # another inode, the same time and size
    assert file_stamp(file) != before
    file.unlink()
    assert file_stamp(file) == ()
