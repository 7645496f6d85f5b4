"""Following with the real clock and the real file system's events."""

from __future__ import annotations

import errno
import gzip
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import OutputError, SourceError
from core.events import LogLine, Notice, NoticeKind
from core.reading import Follower, ReadBatch, follower
from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter
from core.reading.hints import Hints

# What waits for something that does not come is stopped in the end.
pytestmark = pytest.mark.timeout(600)


class Running:
    """A follower that is driven batch by batch until something is seen."""

    def __init__(self, *paths: Path, **options: object) -> None:
        self.stop = threading.Event()
        self.follower = Follower(paths, self.stop, **options)  # type: ignore[arg-type]
        self.batches: Iterator[ReadBatch] = iter(self.follower)
        self.seen: list[LogLine | Notice] = []
        self.last = ReadBatch()

    def until(self, is_enough: Callable[[], bool]) -> None:
        while not is_enough():
            self.last = next(self.batches)
            self.seen += self.last.items
            self.follower.commit(self.last)

    def until_text(self, text: str) -> None:
        self.until(lambda: text in self.texts)

    def until_notice(self, kind: NoticeKind) -> Notice:
        self.until(lambda: any(notice.kind is kind for notice in self.notices))
        return next(notice for notice in self.notices if notice.kind is kind)

    @property
    def texts(self) -> list[str]:
        return [item.text for item in self.seen if isinstance(item, LogLine)]

    @property
    def notices(self) -> list[Notice]:
        return [item for item in self.seen if isinstance(item, Notice)]

    def end(self) -> None:
        self.stop.set()
        assert not list(self.batches)


@pytest.fixture
def follow() -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def begin(*paths: Path, **options: object) -> Running:
        running.append(Running(*paths, **options))
        return running[-1]

    yield begin
    for each in running:
        each.end()


Follow = Callable[..., Running]


def test_the_last_lines_come_first_and_are_called_warm_up(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(f"{number}\n" for number in range(1, 101)) + "half")
    running = follow(path, read_back_lines=3)
    running.until_text("100")
    assert running.last.warm_up
    assert [(line.text, line.number) for line in running.seen if isinstance(line, LogLine)] == [
        ("98", 98), ("99", 99), ("100", 100)
    ]  # fmt: skip
    assert running.last.behind == len("half")
    with path.open("a") as writer:
        writer.write(" no more\n")
    running.until_text("half no more")
    assert (running.last.warm_up, running.last.behind) == (False, 0)


def test_a_line_is_seen_without_waiting_for_the_next_sweep(
    tmp_path: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "SWEEP_SECONDS", 3_600.0)
    monkeypatch.setattr("core.reading.collector._RECENT_SECONDS", 0.0)
    path = tmp_path / "a.log"
    path.write_text("first\n")
    running = follow(path)
    running.until_text("first")
    running.until(lambda: not running.last.items)
    for number in range(3):
        with path.open("a") as writer:
            writer.write(f"{number}\n")
        running.until_text(str(number))


def test_an_empty_batch_comes_after_a_quiet_time(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    path.write_text("first\n")
    running = follow(path)
    running.until_text("first")
    running.until(lambda: running.last == ReadBatch())


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "later.log"
    running = follow(path)
    assert running.until_notice(NoticeKind.WAITING).source == str(path)
    path.write_text("here\n")
    running.until_text("here")
    assert running.until_notice(NoticeKind.APPEARED).source == str(path)


def test_a_directory_is_every_log_in_it_now_and_later(tmp_path: Path, follow: Follow) -> None:
    (tmp_path / "nova").mkdir()
    (tmp_path / "nova" / "api.log").write_text("api\n")
    for name in ("api.log.1", "api.log.2.gz", "api.log-20261101", ".hidden.log", "state.db"):
        (tmp_path / "nova" / name).write_bytes(b"SQLite format 3\x00" if name == "state.db" else b"not this\n")
    (tmp_path / "core.log").write_bytes(b"\x7fELF" + bytes(200))
    running = follow(tmp_path)
    running.until_text("api")
    (tmp_path / "cinder" / "deep").mkdir(parents=True)
    (tmp_path / "cinder" / "deep" / "volume.log").write_text("volume\n")
    running.until_text("volume")
    assert running.texts == ["api", "volume"]


def test_an_empty_directory_is_waited_on(tmp_path: Path, follow: Follow) -> None:
    running = follow(tmp_path)
    assert "no logs yet" in running.until_notice(NoticeKind.WAITING).text
    (tmp_path / "a.log").write_text("first\n")
    running.until_text("first")


def test_a_symbolic_link_that_is_switched_is_followed_and_back(tmp_path: Path, follow: Follow) -> None:
    one, two, link = tmp_path / "one", tmp_path / "two", tmp_path / "current.log"
    one.write_text("one\n")
    two.write_text("two\n")
    link.symlink_to(one)
    running = follow(link)
    running.until_text("one")
    for target, text in ((two, "two"), (one, "one again")):
        link.unlink()
        link.symlink_to(target)
        if text not in target.read_text():
            with target.open("a") as writer:
                writer.write(f"{text}\n")
        running.until_text(text)
    assert running.texts == ["one", "two", "one again"]


def test_a_file_reached_by_two_paths_is_read_once(tmp_path: Path, follow: Follow) -> None:
    (tmp_path / "a.log").write_text("once\n")
    (tmp_path / "b.log").symlink_to(tmp_path / "a.log")
    running = follow(tmp_path / "a.log", tmp_path / "b.log", start="start")
    running.until(lambda: not running.last.items and bool(running.texts))
    assert running.texts == ["once"]


def test_an_incomplete_last_line_is_given_where_the_end_is_asked_for(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    path.write_text("whole\npart")
    running = follow(path, start="start", until_end=True)
    running.until_text("part")
    assert running.texts == ["whole", "part"]
    assert running.last.behind == 0


def test_skipping_to_now_says_how_much_was_left_out(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    path.write_text("x" * 99 + "\n")
    running = follow(path)
    running.until(lambda: bool(running.texts))
    with path.open("a") as writer:
        writer.write(("y" * 99 + "\n") * 40_000)
    running.follower.skip_to_end()
    skipped = running.until_notice(NoticeKind.SKIPPED)
    with path.open("a") as writer:
        writer.write("now\n")
    running.until_text("now")
    read = len(running.texts) - 2
    assert skipped.count == 100 * (40_000 - read)
    last = running.seen[-1]
    assert isinstance(last, LogLine)
    assert last.number == 40_002


def test_bytes_truncated_before_they_were_read_are_counted_in_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("read\n")
    collector = Collector([path], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE), batch_lines=1, read_bytes=5)
    collector.begin(read_back_lines=None)
    collector.gather()
    with path.open("a") as writer:
        writer.write("lost\n" * 3)
    collector.sweep()
    assert collector.gather().behind == 10
    path.write_text("new\n")
    collector.sweep()
    seen = [item for _ in range(4) for item in collector.gather().items]
    assert [item.count for item in seen if isinstance(item, Notice) and item.kind is NoticeKind.LOST] == [10]
    assert [item.text for item in seen if isinstance(item, LogLine)] == ["new"]
    collector.close()


def test_a_truncated_file_that_has_grown_past_its_old_size_is_read_again(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    path.write_text("old 1\nold 2\n")
    running = follow(path)
    running.until_text("old 2")
    path.write_text("".join(f"new {number}\n" for number in range(100)))
    running.until_text("new 99")
    assert running.texts == ["old 1", "old 2", *(f"new {number}" for number in range(100))]
    running.until_notice(NoticeKind.TRUNCATED)


def test_the_hole_of_a_writer_that_does_not_append_is_skipped(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    with path.open("w") as writer:
        writer.write("before\n" * 1000)
        writer.flush()
        running = follow(path)
        running.until_text("before")
        os.truncate(path, 0)
        writer.write("after\n")
        writer.flush()
        running.until_text("after")
        assert running.until_notice(NoticeKind.SKIPPED).count == 7000


@pytest.mark.parametrize(
    ("content", "message"),
    [("log\n".encode("utf-16"), "iconv"), (b"\x1f\x8b\x08", "tailsight score"), (b"\x7fELF", "binary")],
)
def test_a_given_file_that_is_not_text_is_refused_at_once(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        Follower([path], threading.Event())


def test_a_new_utf_16_file_is_a_notice(tmp_path: Path, follow: Follow) -> None:
    running = follow(tmp_path)
    (tmp_path / "windows.log").write_bytes("a line\n".encode("utf-16"))
    assert "UTF-16" in running.until_notice(NoticeKind.ENCODING).text


def test_a_lost_permission_and_its_return_are_notices(
    tmp_path: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    path.write_text("first\n")
    running = follow(path)
    running.until_text("first")
    may_open, os_open = threading.Event(), os.open

    def guarded(name: str | Path, *rest: int, **named: int) -> int:
        if os.fspath(name) == str(path) and not may_open.is_set():
            raise PermissionError(errno.EACCES, "Permission denied")
        return os_open(name, *rest, **named)

    monkeypatch.setattr(os, "open", guarded)
    path.rename(tmp_path / "a.log.1")
    path.write_text("second\n")
    assert "Permission denied" in running.until_notice(NoticeKind.UNREADABLE).text
    may_open.set()
    running.until_text("second")
    assert running.texts == ["first", "second"]


def test_more_files_than_descriptors_are_followed(tmp_path: Path, follow: Follow) -> None:
    paths = [tmp_path / f"{number}.log" for number in range(20)]
    for path in paths:
        path.write_text(f"{path.stem} first\n")
    running = follow(tmp_path, max_open_files=3, start="start")
    running.until(lambda: len(running.texts) == 20)
    for path in paths[:10]:
        path.rename(f"{path}.1")
        with Path(f"{path}.1").open("a") as writer:
            writer.write(f"{path.stem} late\n")
    for path in paths:
        with path.open("a") as writer:
            writer.write(f"{path.stem} second\n")
    running.until(lambda: len(running.texts) == 50)
    assert len(set(running.texts)) == 50


def test_following_resumes_at_a_checkpoint(tmp_path: Path, follow: Follow) -> None:
    path, checkpoint = tmp_path / "a.log", tmp_path / "state" / "checkpoint.json"
    path.write_text("one\n")
    first = follow(path, checkpoint=checkpoint)
    first.until_text("one")
    first.end()
    path.rename(tmp_path / "a.log.1")
    with (tmp_path / "a.log.1").open("a") as writer:
        writer.write("two\n")
    path.write_text("three\n")
    second = follow(path, start="resume", checkpoint=checkpoint)
    second.until_text("three")
    assert second.texts == ["two", "three"]
    assert [line.number for line in second.seen if isinstance(line, LogLine)] == [2, 1]


def test_the_rest_of_a_copy_that_was_compressed_at_once_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("read\n")
    collector = Collector([path], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE))
    collector.begin(read_back_lines=None)
    collector.gather()
    (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(b"read\nonly in the archive\n", mtime=0))
    path.write_text("new\n")
    collector.sweep()
    seen = [item for _ in range(4) for item in collector.gather().items]
    assert [item.text for item in seen if isinstance(item, LogLine)] == ["only in the archive", "new"]
    collector.close()


def test_a_commit_after_the_end_is_saved_too(tmp_path: Path, follow: Follow) -> None:
    path, checkpoint = tmp_path / "a.log", tmp_path / "checkpoint.json"
    path.write_text("one\n")
    stop = threading.Event()
    late = Follower([path], stop, start="start", checkpoint=checkpoint)
    batches = iter(late)
    batch = next(batches)
    stop.set()
    assert not list(batches)
    late.commit(batch)
    running = follow(path, start="resume", checkpoint=checkpoint)
    with path.open("a") as writer:
        writer.write("two\n")
    running.until_text("two")
    assert running.texts == ["two"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no checkpoint"),
        (b"{", "is damaged"),
        (b"[]", "not a checkpoint of this version"),
        (b'{"schema": "tailsight.checkpoint/0"}', "not a checkpoint of this version"),
        (b'{"schema": "tailsight.checkpoint/1", "looked_ns": 1}', "is damaged"),
        (
            b'{"schema": "tailsight.checkpoint/1", "looked_ns": 1, "given": ["/x"], "known": [], "sources": {}}',
            "of other",
        ),
    ],
)
def test_an_unusable_checkpoint_is_one_notice(
    content: bytes | None, message: str, tmp_path: Path, follow: Follow
) -> None:
    path, checkpoint = tmp_path / "a.log", tmp_path / "checkpoint.json"
    path.write_text("one\n")
    if content is not None:
        checkpoint.write_bytes(content)
    running = follow(path, start="resume", checkpoint=checkpoint)
    running.until_text("one")
    [notice] = [notice for notice in running.notices if notice.kind is NoticeKind.RESUMED]
    assert message in notice.text
    assert "\n" not in notice.text


def test_a_checkpoint_that_cannot_be_written_is_reported_once(
    tmp_path: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")

    def full(path: Path, checkpoint: object) -> None:
        raise OutputError(f"cannot write {path}: the disk is full")

    monkeypatch.setattr(follower, "save_checkpoint", full)
    running = follow(path, checkpoint=tmp_path / "checkpoint.json")
    text = running.until_notice(NoticeKind.WAITING).text
    assert text == (
        f"cannot write {tmp_path}/checkpoint.json: the disk is full; "
        "until the checkpoint is written, a restart repeats lines"
    )


def test_nothing_is_written_where_no_checkpoint_is_asked_for(tmp_path: Path, follow: Follow) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")
    running = follow(path)
    running.until_text("one")
    running.end()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.log"]


def test_an_empty_archive_beside_an_empty_log_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.touch()
    collector = Collector([path], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE))
    collector.begin(read_back_lines=None)
    collector.gather()
    (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(b"", mtime=0))
    collector.sweep()
    opened = len(list(Path("/proc/self/fd").iterdir()))
    collector.gather()
    assert len(list(Path("/proc/self/fd").iterdir())) <= opened
    path.write_text("first\n")
    collector.sweep()
    seen = [item for _ in range(2) for item in collector.gather().items]
    assert [item.text for item in seen if isinstance(item, LogLine)] == ["first"]
    collector.close()


def test_a_warning_of_the_event_library_ends_no_thread_and_reaches_no_screen(tmp_path: Path) -> None:
    hints = Hints(threading.Event(), lambda _: None)
    hints.watch({str(tmp_path): True})
    warnings.warn(
        "Callback with id '1' already exists for watch. It will be Overwritten.", RuntimeWarning, stacklevel=1
    )
    hints.stop()
