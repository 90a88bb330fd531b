"""Broken, hostile and endless video files: what is there comes out, then it ends and says why."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from clips import animation, av, make_clip, make_sound, scene

from hashmatch.decode import (
    DEFAULT_LIMITS,
    SNIFF_BYTES,
    Limits,
    VideoReader,
    open_source,
    open_video,
    sniff,
)
from hashmatch.decode.video_container import DEMUXERS
from hashmatch.decode.video_model import VideoReport
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    InputError,
    MediaLimitError,
    MissingExtraError,
    UnsupportedMediaError,
)

PICTURES = list(scene(1, 40, height=64, width=96))


def clip(container: str = "mp4", codec: str = "libx264", **options: Any) -> bytes:
    return make_clip(PICTURES, codec=codec, container=container, fps=25, gop=10, **options)


def read(data: bytes, limits: Limits = DEFAULT_LIMITS, **options: Any) -> tuple[int, VideoReport]:
    media = sniff(data[:SNIFF_BYTES])
    with open_video(io.BytesIO(data), media, limits, **options) as reader:
        last = -1
        count = 0
        for frame in reader:
            assert last <= frame.time_ms <= frame.end_ms
            assert frame.pixels.size
            last, count = frame.time_ms, count + 1
        return count, reader.report


@pytest.mark.parametrize(
    ("container", "codec", "muxing"),
    [
        ("mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
        ("matroska", "libx264", {}),
        ("avi", "mpeg4", {}),
        ("asf", "wmv2", {}),
    ],
)
@pytest.mark.parametrize("interval_s", [0, 0.2])
def test_a_file_that_is_cut_short_says_so(
    container: str, codec: str, muxing: dict[str, str], interval_s: float
) -> None:
    data = clip(container, codec, muxing=muxing)
    whole, report = read(data, interval_s=interval_s)
    assert report.ended is None
    part, report = read(data[: len(data) * 3 // 5], interval_s=interval_s)
    assert 0 < part < whole
    assert report.ended is not None
    assert report.ended.startswith("corrupt: the file is cut short")
    assert report.duration_ms < 1600


def test_the_first_half_of_a_file_for_the_web(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    make_clip(PICTURES, codec="libx264", muxing={"movflags": "faststart"}, to=str(path))
    data = path.read_bytes()
    count, report = read(data[: len(data) * 3 // 5], interval_s=0)
    assert 5 < count < 40
    assert report.ended is not None


def test_without_its_index_a_file_is_corrupt() -> None:
    """Case V14."""
    data = clip()
    with pytest.raises(CorruptMediaError):
        read(data[: data.rindex(b"moov")])


def test_corrupted_files_of_the_corpus(corpus: Path) -> None:
    count, report = read((corpus / "robust" / "corrupted.mp4").read_bytes(), interval_s=0)
    assert count >= 45
    assert report.n_broken > 0
    count, report = read((corpus / "robust" / "corrupted.mp4").read_bytes(), interval_s=1.0)
    assert count == 5  # the frame at 3.0 s is lost, the one at 3.1 s stands for it
    assert report.used == "planned"
    count, report = read((corpus / "robust" / "unordered.mov").read_bytes(), interval_s=0)
    assert count == 4


def test_broken_packets_are_skipped_and_counted() -> None:
    data = bytearray(clip("avi", "mpeg4"))
    at = data.index(b"movi")
    for number in range(30):
        at = data.index(b"00dc", at + 1)
        if number % 10 == 5:
            data[at + 8 : at + 40] = b"\xff" * 32
    count, report = read(bytes(data), interval_s=0)
    assert report.n_broken > 0
    assert report.ended is None
    assert 30 <= count <= 40


def test_a_taken_frame_that_is_broken_is_made_up_for() -> None:
    """Its tick is served by the next frame that can be decoded."""
    data = bytearray(clip("matroska", "ffv1"))
    whole, _ = read(bytes(data), interval_s=0.4)
    where = len(data) * 26 // 100
    data[where : where + 400] = random.Random(4).randbytes(400)
    count, report = read(bytes(data), interval_s=0.4)
    assert report.used == "planned"
    assert count >= whole - 1


def test_the_first_frame_may_be_broken() -> None:
    data = bytearray(clip("mov", "prores_ks", pix_fmt="yuv422p10le"))
    first = data.index(b"mdat") + 4
    data[first : first + 300] = bytes(300)
    for interval_s, expected in ((0.4, [40, 400, 800, 1200]), (0, list(range(0, 1560, 40)))):
        with VideoReader(io.BytesIO(data), interval_s=interval_s) as reader:
            times = [frame.time_ms for frame in reader]
        assert times == expected
        assert reader.report.n_broken > 0
        assert (reader.facts.width, reader.facts.height) == (96, 64)


def test_limits_end_the_reading_and_keep_what_was_there() -> None:
    count, report = read(clip(), Limits(max_video_frames=12), interval_s=0)
    assert 12 <= count <= 30  # what the decoder still had inside comes out too
    assert report.ended == "limit: 12 frames decoded"
    data = clip("mpegts") * 40
    count, report = read(data, Limits(max_video_bytes=1_500_000), interval_s=0)
    assert 0 < count < 1600
    assert report.ended == "limit: 1500000 bytes of the file read"


def test_time_ends_the_reading() -> None:
    data = clip()
    with VideoReader(io.BytesIO(data), interval_s=0, deadline=time.monotonic() + 0.5) as reader:
        frames = iter(reader)
        next(frames)
        time.sleep(0.55)
        rest = sum(1 for _ in frames)
    assert rest < 39
    assert reader.report.ended == "limit: the deadline has passed"
    with pytest.raises(MediaLimitError, match="deadline"):
        VideoReader(io.BytesIO(data), deadline=time.monotonic() - 1)
    with pytest.raises(MediaLimitError, match="reading"):
        VideoReader(io.BytesIO(data), Limits(max_video_seconds=1e-9))


@pytest.mark.parametrize("name", ["max_video_frames", "max_video_seconds", "max_video_bytes"])
@pytest.mark.parametrize("value", [0, -1, True, "1"])
def test_limits_that_mean_nothing(name: str, value: object) -> None:
    with pytest.raises(InputError, match=name):
        Limits(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("matroska", "libx264"), ("mpegts", "libx264"), ("h264", "libx264")],
)
def test_a_hole_of_ten_gigabytes_ends(tmp_path: Path, container: str, codec: str) -> None:
    """Case V14: by a limit or by itself, and with the frames before the hole."""
    path = tmp_path / "sparse"
    muxing = {"movflags": "frag_keyframe+empty_moov"} if container == "mp4" else None
    data = clip(container, codec, muxing=muxing)
    path.write_bytes(data[: len(data) * 2 // 3])
    os.truncate(path, 10 << 30)
    limits = Limits(max_video_bytes=64 * 1024 * 1024)
    with open_source(path) as stream, VideoReader(stream, limits, interval_s=0) as reader:
        assert sum(1 for _ in reader) > 10
    assert reader.report.ended is not None or reader.report.n_broken


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Case V14."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(UnsupportedMediaError, match="pipe"), open_source(path):
        pytest.fail("opened")


def test_reading_that_fails_ends_the_video() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 20_000:
                raise OSError("the disk is gone")
            return super().read(min(size or 0, 8192))

    data = clip("mpegts")
    assert len(data) > 40_000
    with VideoReader(Failing(data), interval_s=0) as reader:
        assert sum(1 for _ in reader) > 0
    assert reader.report.ended is not None
    assert "the disk is gone" in reader.report.ended


def test_a_file_object_that_gives_more_than_was_asked_for() -> None:
    class Generous(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(size) + bytes(2 << 20)

    with pytest.raises(CorruptMediaError, match="asked for"):
        VideoReader(Generous(clip()))


def test_nothing_else_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playlists are no videos; a container that names other files finds no protocol for them."""
    nested = {"hls", "dash", "concat", "image2", "sdp", "rtsp", "lavfi", "imf", "applehttp"}
    assert not nested & set(DEMUXERS.values())
    data = clip()
    asked: list[dict[str, Any]] = []
    real = av.open

    def watched(*arguments: Any, **options: Any) -> Any:
        asked.append(options)
        return real(*arguments, **options)

    monkeypatch.setattr(av, "open", watched)
    for text in (b"#EXTM3U\n#EXTINF:9,\n/etc/passwd\n", b"ffconcat version 1.0\nfile a\n"):
        with pytest.raises(UnsupportedMediaError):
            read(text)
    assert asked == []
    read(data)
    (options,) = asked
    assert options["format"] == "mov"
    assert options["options"]["protocol_whitelist"] == "none"


def test_no_mutation_leaves_the_tree_of_errors() -> None:
    files = [
        clip(),
        clip("matroska"),
        clip("mpegts"),
        clip("flv"),
        clip("avi", "mpeg4"),
        clip("asf", "wmv2"),
        clip("mpeg", "mpeg2video"),
        clip("ogg", "libvpx"),
        clip("nut", "ffv1"),
        make_sound(),
        *(animation(PICTURES[:5], format) for format in ("GIF", "WEBP", "PNG")),
    ]
    rng = random.Random(9)
    outcomes: set[str] = set()
    for number in range(195):
        data = bytearray(files[number % len(files)])
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        else:
            for _ in range(rng.choice((1, 4, 30))):
                data[rng.randrange(len(data) if rng.random() < 0.6 else 600)] = rng.randrange(256)
        try:
            _, report = read(bytes(data), interval_s=rng.choice((0, 0.3)))
            outcomes.add("broken" if report.n_broken or report.ended else "whole")
        except DecodeError as error:
            outcomes.add(type(error).__name__)
    assert {"broken", "whole", "CorruptMediaError"} <= outcomes


def test_many_clips_in_a_row_leave_nothing_behind() -> None:
    """Case V13."""
    data = clip()

    def resident_bytes() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def handles() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    sizes = []
    for number in range(150):
        read(data)
        if number in (49, 149):
            sizes.append((resident_bytes(), handles()))
    (before, handles_before), (after, handles_after) = sizes
    assert handles_after == handles_before
    assert after - before < 12 * 1024 * 1024


def test_a_reader_that_is_left_early_lets_go() -> None:
    threads = len(list(Path("/proc/self/task").iterdir()))
    for _ in range(20):
        with VideoReader(io.BytesIO(clip()), interval_s=0, threads=2) as reader:
            next(iter(reader))
    assert len(list(Path("/proc/self/task").iterdir())) <= threads + 4


def test_without_pyav_only_videos_are_missing() -> None:
    """Case P02: the message says why it can't be loaded."""
    code = """
import io, sys
sys.modules["av"] = None
import hashmatch
from hashmatch.decode import VideoReader
from hashmatch.errors import MissingExtraError
assert hashmatch.HammingIndex(bits=256) is not None
try:
    VideoReader(io.BytesIO(b""))
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "PyAV" in done.stdout
    assert "import of av halted" in done.stdout


def test_an_ffmpeg_that_can_not_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Case P02."""
    real = __import__

    def failing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "av":
            raise ImportError("librav1e.so.0: cannot open shared object file")
        return real(name, *arguments, **options)

    monkeypatch.setattr("builtins.__import__", failing)
    with pytest.raises(MissingExtraError, match="librav1e"):
        VideoReader(io.BytesIO(b""))
