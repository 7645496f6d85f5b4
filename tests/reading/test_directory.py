"""Which files of a directory are followed, which are left out, and what is said of those."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import SourceError
from core.events import LogLine, Notice, NoticeKind
from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, check_directory, name_filter
from core.reading.left_out import LeftOut, notices
from core.reading.left_out import LeftOutReason as Reason

TAR = b"nova.log".ljust(257, b"\x00") + b"ustar\x00" + bytes(249) + b"a line\n"


def following(folder: Path, **options: object) -> Collector:
    return Collector([folder], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE), **options)  # type: ignore[arg-type]


@pytest.fixture
def begun() -> Iterator[Callable[[Path], Collector]]:
    collectors: list[Collector] = []

    def begin(folder: Path) -> Collector:
        collectors.append(following(folder))
        collectors[-1].begin(read_back_lines=None)
        return collectors[-1]

    yield begin
    for collector in collectors:
        collector.close()


Begin = Callable[[Path], Collector]


def gathered(collector: Collector) -> list[LogLine | Notice]:
    items = list(collector.gather().items)
    while collector.has_more:
        items += collector.gather().items
    return items


def lines(items: list[LogLine | Notice], folder: Path) -> list[tuple[str, str]]:
    return [(os.path.relpath(item.source, folder), item.text) for item in items if isinstance(item, LogLine)]


def make(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


A = b"a line\n"

CASES: dict[str, tuple[dict[str, bytes], dict[str, Reason]]] = {
    "names without an ending": (dict.fromkeys(["syslog", "messages", "kern.log", "auth.log", "daemon.log"], A), {}),
    "dated names": (dict.fromkeys(["nova-compute.log-20261120", "app.log.2026-11-27_23", "x-2026112800"], A), {}),
    "numbered names of nothing": (dict.fromkeys(["nova.log.1", "ceph-osd.0.log", "rabbit@host-1.log"], A), {}),
    "other endings": (dict.fromkeys(["nova.json", "nova.out", "nova.db", "nova.bak"], A), {}),
    "a misnamed journal": ({}, {"a.journal": Reason.BINARY}),
    "older generations": (
        dict.fromkeys(["nova.log"], A),
        dict.fromkeys(
            ["nova.log.1", "nova.log.2.gz", "nova.log-20261120", "nova.log-2026112023", "nova.log-20112026",
             "nova.log.2026-11-27_23", "nova-20261120.log", "nova.log-1763596800", "nova.log.bak", "nova.log.old"],
            Reason.OLDER,
        ),
    ),
    "of names without an ending": (
        {"syslog": A, "messages": A},
        dict.fromkeys(["syslog.1", "syslog.2.gz", "messages-20261120"], Reason.OLDER),
    ),
    "in logrotate's olddir": ({"nova.log": A, "b/c.log.1": A}, {"old/nova.log.1": Reason.OLDER}),
    "compressed": ({}, dict.fromkeys(["nova.log.1.gz", "a.xz", "b.zst", "c.bz2"], Reason.COMPRESSED)),
    "compressed by content": ({}, {"misnamed.log": Reason.COMPRESSED}),
    "archives": ({}, {"nova.tgz": Reason.ARCHIVE, "nova.tar": Reason.ARCHIVE, "sos": Reason.ARCHIVE}),
    "binary": ({"nova.log": A}, {"core": Reason.BINARY, "wtmp": Reason.BINARY}),
    "text with a hole": ({"nova.log": A + bytes(2000)}, {}),
    "no logs": ({"nova.log": A}, dict.fromkeys([".hidden", "README.md", "nova.pid", "nova.log~"], Reason.EXCLUDED)),
}  # fmt: skip

CONTENTS = {
    "misnamed.log": gzip.compress(A, mtime=0),
    "sos": TAR,
    "core": b"\x7fELF" + bytes(200),
    "wtmp": (b"\x08\x00\x00\x00\x12\x34\x00\x00pts/0" + bytes(27) + b"ts/0root" + bytes(340)) * 4,
    "a.journal": b"LPKSHHRH" + bytes(900),
}


@pytest.mark.parametrize(("logs", "left_out"), CASES.values(), ids=CASES)
def test_a_name_is_left_out_only_for_a_reason(
    logs: dict[str, bytes], left_out: dict[str, Reason], tmp_path: Path, begun: Begin
) -> None:
    make(tmp_path, logs | {name: CONTENTS.get(name, A) for name in left_out})
    collector = begun(tmp_path)
    items = gathered(collector)
    assert sorted(lines(items, tmp_path))[: len(logs)] == [(name, "a line") for name in sorted(logs)]
    assert {entry.path: entry.reason for entry in collector.left_out()} == {
        str(tmp_path / name): reason for name, reason in left_out.items()
    }
    said = [item for item in items if isinstance(item, Notice) and item.kind is NoticeKind.LEFT_OUT]
    assert [(notice.source, notice.count) for notice in said] == [(str(tmp_path), len(left_out))] * bool(left_out)
    assert all(str(reason) in said[0].text for reason in left_out.values())


def test_the_notice_is_bounded() -> None:
    entries = [LeftOut(f"/logs/{number:05}.gz", Reason.COMPRESSED) for number in range(50_000)]
    [notice] = notices("/logs", reversed(entries))
    assert notice.text == "50000 files left out (compressed: 00000.gz, 00001.gz, 00002.gz and 49997 more)"
    problems = [LeftOut(f"/logs/{number}", Reason.UNREADABLE, "Permission denied") for number in range(1000)]
    assert [notice.count for notice in notices("/logs", problems)] == [1] * 8 + [992]


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def too_long(path: Path) -> None:
    path.symlink_to("x" * 1000)


def to_nothing(path: Path) -> None:
    path.symlink_to("nowhere")


def to_directory(path: Path) -> None:
    (path.parent / ".there").mkdir()
    path.symlink_to(path.parent / ".there")


@pytest.mark.parametrize(
    ("make_entry", "reason"),
    [
        (loop, Reason.UNREADABLE),
        (too_long, Reason.UNREADABLE),
        (to_nothing, Reason.LINK_TO_NOTHING),
        (to_directory, Reason.LINK_TO_DIRECTORY),
        (os.mkfifo, Reason.SPECIAL),
    ],
)
def test_an_entry_that_cannot_be_followed_hides_no_other(
    make_entry: Callable[[Path], None], reason: Reason, tmp_path: Path, begun: Begin
) -> None:
    make(tmp_path, {"nova.log": A, "z.log": A})
    make_entry(tmp_path / "odd.log")
    collector = begun(tmp_path)
    items = gathered(collector)
    assert lines(items, tmp_path) == [("nova.log", "a line"), ("z.log", "a line")]
    assert (str(tmp_path / "odd.log"), reason) in {(entry.path, entry.reason) for entry in collector.left_out()}
    said = [item for item in items if isinstance(item, Notice)]
    assert len(said) == 1
    assert "odd.log" in said[0].source + said[0].text
    check_directory(tmp_path, include=DEFAULT_INCLUDE, exclude=DEFAULT_EXCLUDE)


def test_a_directory_that_may_not_be_listed_is_said(
    tmp_path: Path, begun: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, {"nova.log": A, "closed/x.log": A})
    scandir = os.scandir

    def guarded(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    collector = begun(tmp_path)
    items = gathered(collector)
    assert lines(items, tmp_path) == [("nova.log", "a line")]
    [notice] = [item for item in items if isinstance(item, Notice)]
    assert (notice.source, notice.kind) == (str(tmp_path / "closed"), NoticeKind.UNREADABLE)


def test_what_is_left_out_later_is_said_once_and_rotation_is_not(tmp_path: Path, begun: Begin) -> None:
    make(tmp_path, {"nova.log": A})
    collector = begun(tmp_path)
    gathered(collector)
    make(tmp_path, {"core": CONTENTS["core"], "old.tgz": A, "nova.log.3.gz": A})
    (tmp_path / "nova.log").rename(tmp_path / "nova.log.1")
    make(tmp_path, {"nova.log": b"new\n"})
    said: list[Notice] = []
    for _ in range(3):
        collector.sweep(everything=True)
        said += [item for item in gathered(collector) if isinstance(item, Notice) and item.kind is NoticeKind.LEFT_OUT]
    assert [notice.text for notice in said] == ["2 files left out (archive: old.tgz; binary data: core)"]
    assert len(collector.left_out()) == 4


def test_a_rotated_file_is_no_new_log_while_its_log_is_away(tmp_path: Path, begun: Begin) -> None:
    make(tmp_path, {"nova.log": A})
    collector = begun(tmp_path)
    gathered(collector)
    (tmp_path / "nova.log").rename(tmp_path / "nova.log.1")
    with (tmp_path / "nova.log.1").open("a") as writer:
        writer.write("late\n")
    collector.sweep(everything=True)
    assert lines(gathered(collector), tmp_path) == [("nova.log", "late")]
    make(tmp_path, {"nova.log": b"new\n"})
    collector.sweep(everything=True)
    assert lines(gathered(collector), tmp_path) == [("nova.log", "new")]


@pytest.mark.parametrize("names", [("app.log-20261127", "app.log-20261128"), ("app.log.2026-11-27_23",) * 2])
def test_a_dated_log_is_followed_and_the_next_one_too(names: tuple[str, str], tmp_path: Path, begun: Begin) -> None:
    make(tmp_path, {names[0]: A})
    collector = begun(tmp_path)
    gathered(collector)
    with (tmp_path / names[1]).open("a") as writer:
        writer.write("next\n")
    collector.sweep(everything=True)
    assert lines(gathered(collector), tmp_path) == [(names[1], "next")]


def test_a_numbered_file_without_its_log_is_read_once_when_rotation_moves_it_on(tmp_path: Path) -> None:
    now = [1000.0]
    collector = following(tmp_path, clock=lambda: now[0])
    make(tmp_path, {"nova.log.1": b"oldest\n"})
    collector.begin(read_back_lines=None)
    seen = lines(gathered(collector), tmp_path)
    make(tmp_path, {"nova.log": b"newer\n"})
    collector.sweep(everything=True)
    seen += lines(gathered(collector), tmp_path)
    (tmp_path / "nova.log.1").rename(tmp_path / "nova.log.2")
    make(tmp_path, {"nova.log.1": b"newer\n"})
    os.truncate(tmp_path / "nova.log", 0)
    for _ in range(5):
        now[0] += 20
        collector.sweep(everything=True)
        seen += lines(gathered(collector), tmp_path)
    assert seen == [("nova.log.1", "oldest"), ("nova.log", "newer")]
    assert list(collector.sources) == [str(tmp_path / "nova.log")]
    collector.close()


def test_a_resumed_run_reads_no_rotated_file_again(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    make(logs, {"nova.log": A, "dated.log-20261120": A, "x/y.log": A})
    first = following(logs, keeps_positions=True)
    first.begin(read_back_lines=None)
    while first.has_more:
        first.commit(first.gather())
    first.sweep()
    checkpoint = first.checkpoint()
    first.close()
    (logs / "x" / "y.log").rename(logs / "x" / "y.log.1")
    (logs / "nova.log").rename(logs / "x" / "moved.log-20261120")
    make(logs, {"nova.log": b"new\n", "dated.log-20261121": b"next\n"})
    with (logs / "dated.log-20261120").open("a") as writer:
        writer.write("late\n")
    second = following(logs, keeps_positions=True)
    second.begin(read_back_lines=None, resumed=checkpoint)
    assert sorted(lines(gathered(second), logs)) == [
        ("dated.log-20261120", "late"), ("dated.log-20261121", "next"), ("nova.log", "new")
    ]  # fmt: skip
    second.close()


def test_a_directory_without_a_log_is_refused_with_what_is_in_it(tmp_path: Path) -> None:
    make(tmp_path, {"core": CONTENTS["core"], "a.log.gz": gzip.compress(A, mtime=0)})
    with pytest.raises(SourceError, match=r"compressed: a\.log\.gz; binary data: core") as caught:
        check_directory(tmp_path, include=DEFAULT_INCLUDE, exclude=DEFAULT_EXCLUDE)
    assert "\n" not in str(caught.value)


def test_a_directory_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"logs/nova.log.1": A, "only/old/nova.log.1.gz": A})
    monkeypatch.chdir(tmp_path)
    check_directory(Path("logs"), include=DEFAULT_INCLUDE, exclude=DEFAULT_EXCLUDE)
    with pytest.raises(SourceError, match=r"compressed: old/nova\.log\.1\.gz"):
        check_directory(Path("only"), include=DEFAULT_INCLUDE, exclude=DEFAULT_EXCLUDE)


def test_a_hole_before_binary_data_makes_it_no_log(tmp_path: Path, begun: Begin) -> None:
    make(tmp_path, {"lastlog": bytes(5000) + bytes(range(1, 30)) * 20})
    collector = begun(tmp_path)
    assert lines(gathered(collector), tmp_path) == []
    assert [entry.reason for entry in collector.left_out()] == [Reason.BINARY]
