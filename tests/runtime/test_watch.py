import os
from pathlib import Path

import pytest

from monitor.runtime.watch import FileWatch


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.yaml"
    path.write_text("zone: UTC\n")
    return path


def settle(path: Path) -> FileWatch:
    """A watch that has told of the file as it is."""
    watch = FileWatch(path)
    watch.has_changed()
    assert watch.has_changed()
    return watch


def look_twice(watch: FileWatch) -> list[bool]:
    return [watch.has_changed(), watch.has_changed()]


def test_a_file_that_stays_is_told_once(path: Path) -> None:
    assert look_twice(settle(path)) == [False, False]


def test_an_edit_is_told_once_it_stands_still(path: Path) -> None:
    watch = settle(path)
    path.write_text("zone: Europe/Berlin\n")

    assert look_twice(watch) == [False, True]


def test_a_file_put_there_by_a_rename_is_another_one(path: Path) -> None:
    watch = settle(path)
    other = path.with_name("other")
    other.write_text("zone: EST\n")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)

    assert look_twice(watch) == [False, True]


def test_another_target_of_a_link_is_another_file(path: Path) -> None:
    link, other = path.with_name("link"), path.with_name("other")
    other.write_text("zone: EST\n")
    link.symlink_to(path)
    watch = settle(link)
    link.unlink()
    link.symlink_to(other)

    assert look_twice(watch) == [False, True]


def test_a_file_that_goes_and_comes_back_is_told_twice(path: Path) -> None:
    watch = settle(path)
    aside = path.rename(path.with_name("aside"))
    gone = look_twice(watch)
    aside.rename(path)

    assert (gone, look_twice(watch)) == ([False, True], [False, True])
