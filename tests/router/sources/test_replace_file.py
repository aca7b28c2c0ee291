import os
from pathlib import Path

import pytest

from router.sources.replace_file import replace_file


def test_a_file_is_made(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", "ü\n")
    assert (tmp_path / "a").read_bytes() == "ü\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_reader_of_the_old_file_keeps_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with path.open() as reader:
        replace_file(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    replace_file(path, "new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    replace_file(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_written_to() -> None:
    replace_file(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_a_pipe_is_written_to() -> None:
    reader, writer = os.pipe()
    replace_file(Path(f"/dev/fd/{writer}"), "x")
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert pipe.read() == "x"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        replace_file(path, "\ud800")
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("a", "old")]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "no" / "a", "x")
