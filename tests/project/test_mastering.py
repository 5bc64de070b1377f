"""Files in, mastered files out: what they measure, what they keep, and what is never touched."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tracemalloc
from dataclasses import replace
from time import sleep

import numpy as np
import pytest
import soundfile

from musicgen_daw.audio import Audio, measure
from musicgen_daw.audio.quantise import quantise
from musicgen_daw.audio.reading import pieces_of
from musicgen_daw.audio.transcode import encode_with_ffmpeg
from musicgen_daw.cuesheets import read as read_sheet
from musicgen_daw.errors import AudioError, OutputError, UsageError
from musicgen_daw.export.wav import bext, cue, info, smpl, wav
from musicgen_daw.export.wav.bext import Bext
from musicgen_daw.export.wav.cue import Marker
from musicgen_daw.export.wav.info import Info
from musicgen_daw.formats import riff
from musicgen_daw.formats.riff import Chunk
from musicgen_daw.mastering import programme
from musicgen_daw.mastering.targets import Target
from musicgen_daw.project.delivery import Delivery, plan_files
from musicgen_daw.project.mastered_file import master_file
from musicgen_daw.project.mastering import FailedFile, master_files, measure_files
from musicgen_daw.timeline import Span

RATE = 48_000
DELIVERY = Delivery(Target(-20.0, -1.0))


def music(seconds=3.0, channels=2, sample_rate=RATE, seed=0):
    length = round(seconds * sample_rate)
    time = np.arange(length) / sample_rate
    chord = sum(np.sin(2 * np.pi * hz * time + seed) for hz in (110, 220.5, 331, 1320))
    noise = np.random.default_rng(seed).standard_normal((channels, length))
    samples = (0.05 * chord + 0.02 * noise) * (0.1 + np.exp(-4 * (time % 0.5)))
    return Audio(samples.astype(np.float32), sample_rate)


def write(path, audio, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio.samples.T, audio.sample_rate, **more)
    return path


def read(path):
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), sample_rate)


def mastered(path, delivery=DELIVERY, name="out"):
    output = path.parent / name
    (result,) = master_files(plan_files([path], output, delivery), delivery)
    assert not isinstance(result, FailedFile), result
    return result


# -- what comes out --------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
def test_a_file_reaches_its_target_and_stays_what_it_is(tmp_path, suffix):
    source = write(tmp_path / f"a.{suffix}", music(sample_rate=44_100), subtype="PCM_16")
    before = source.read_bytes()
    result = mastered(source)
    out = soundfile.info(result.path)
    assert result.path == tmp_path / "out" / f"a.{suffix}"
    assert (out.samplerate, out.channels, out.frames) == (44_100, 2, 3 * 44_100)
    assert out.subtype == "PCM_16"
    levels = measure(read(result.path))
    assert levels.integrated_lufs == pytest.approx(-20.0, abs=0.02)
    assert levels.true_peak_dbtp <= -1.0
    assert result.levels.integrated_lufs == pytest.approx(levels.integrated_lufs, abs=0.01)
    assert result.levels.true_peak_dbtp == pytest.approx(levels.true_peak_dbtp, abs=1e-5)
    assert source.read_bytes() == before


@pytest.mark.parametrize("file_format", ["mp3", "ogg"])
def test_a_lossy_file_stays_below_the_ceiling_as_it_is_heard(tmp_path, file_format):
    source = write(tmp_path / "a.wav", music())
    delivery = Delivery(Target(-12.0, -1.0), file_format=file_format)
    result = mastered(source, delivery)
    levels = measure(read(result.path))
    assert levels.true_peak_dbtp <= -1.0
    assert result.levels.integrated_lufs == pytest.approx(levels.integrated_lufs, abs=1e-6)
    assert levels.integrated_lufs == pytest.approx(-12.0, abs=1.0)


def test_mono_is_doubled_and_as_loud_as_asked_in_stereo(tmp_path):
    source = write(tmp_path / "a.wav", music(channels=1, sample_rate=32_000))
    delivery = replace(
        DELIVERY, sample_rate=RATE, channels=2, bit_depth="24", fade_in_ms=50, fade_out_ms=50
    )
    out = read(mastered(source, delivery).path)
    assert out.samples.shape == (2, 3 * RATE)
    assert (out.samples[0] == out.samples[1]).all()
    assert measure(out).integrated_lufs == pytest.approx(-20.0, abs=0.02)
    assert np.abs(out.samples[:, :20]).max() < 1e-4
    assert np.abs(out.samples[:, -20:]).max() < 1e-4


def test_a_limiter_works_only_when_needed(tmp_path):
    source = write(tmp_path / "a.wav", music())
    assert mastered(source, Delivery(Target(-30.0, -1.0)), "soft").reduction_db == 0
    loud = mastered(source, Delivery(Target(-9.0, -1.0)), "loud")
    assert 0 < loud.reduction_db <= 6.01
    assert measure(read(loud.path)).true_peak_dbtp <= -1.0


@pytest.mark.parametrize("lufs", [-20.0, -11.0])
def test_a_file_that_streams_becomes_the_same_file(tmp_path, monkeypatch, lufs):
    source = write(tmp_path / "a.wav", music(20, sample_rate=44_100), subtype="PCM_24")
    delivery = Delivery(Target(lufs, -1.0), sample_rate=RATE, fade_in_ms=20, fade_out_ms=500)
    held = mastered(source, delivery, "held")
    monkeypatch.setattr("musicgen_daw.project.mastered_file.HELD_SAMPLES", 1000)
    streamed = mastered(source, delivery, "streamed")
    assert (held.reduction_db > 0) == (lufs == -11.0)
    difference = read(streamed.path).samples - read(held.path).samples
    # The gain may differ in its last bits; what is rounded then differs by one step at most.
    assert np.abs(difference).max() <= 2.0**-22
    assert streamed.levels.integrated_lufs == pytest.approx(held.levels.integrated_lufs, abs=0.01)


def test_streaming_holds_no_more_of_a_long_file_than_of_a_short_one(tmp_path, monkeypatch):
    monkeypatch.setattr("musicgen_daw.project.mastered_file.HELD_SAMPLES", 1000)
    peaks = []
    for seconds in (60, 600):
        source = write(tmp_path / f"{seconds}.wav", music(seconds, channels=1, sample_rate=8000))
        tracemalloc.start()
        mastered(source, Delivery(Target(-20.0, -1.0), sample_rate=16_000), f"out{seconds}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**20


def test_noise_is_shaped_on_demand_and_alike_where_a_file_streams(tmp_path, monkeypatch):
    source = write(tmp_path / "a.wav", music(20), subtype="PCM_16")
    flat = mastered(source, DELIVERY, "flat")
    shaping = replace(DELIVERY, noise_shaping=True)
    held = mastered(source, shaping, "held")
    monkeypatch.setattr("musicgen_daw.project.mastered_file.HELD_SAMPLES", 1000)
    streamed = mastered(source, shaping, "streamed")
    difference = np.abs(read(held.path).samples - read(flat.path).samples)
    assert 2.0**-15 <= difference.max() < 20 * 2.0**-15
    assert (read(streamed.path).samples == read(held.path).samples).mean() > 0.5


def test_the_same_file_gives_the_same_bytes(tmp_path):
    source = write(tmp_path / "a.wav", music())
    for file_format in ("wav", "flac", "aiff", "ogg", "mp3"):
        delivery = replace(DELIVERY, file_format=file_format)
        one, other = (mastered(source, delivery, f"{n}{file_format}").path for n in (1, 2))
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("subtype", ["FLOAT", "PCM_24", "PCM_U8"])
def test_a_wav_keeps_its_depth_or_gets_a_better_one(tmp_path, subtype):
    source = write(tmp_path / "a.wav", music(), subtype=subtype)
    kept = {"PCM_U8": "PCM_16"}.get(subtype, subtype)
    assert soundfile.info(mastered(source).path).subtype == kept


@pytest.mark.parametrize("length", [0, 1, 50, 19_000])
def test_tiny_files_come_out_as_long_as_they_were(tmp_path, length):
    audio = Audio(np.full((1, length), 0.1, np.float32), RATE)
    result = mastered(write(tmp_path / "a.wav", audio))
    assert soundfile.info(result.path).frames == length


@pytest.mark.parametrize("file_format", ["aiff", "flac", "mp3", "ogg"])
def test_a_sound_of_no_samples_is_a_file_that_reads_back_or_is_refused(tmp_path, file_format):
    source = write(tmp_path / "a.wav", Audio(np.zeros((2, 0), np.float32), RATE))
    jobs = plan_files([source], tmp_path / "out", replace(DELIVERY, file_format=file_format))
    (result,) = master_files(jobs, replace(DELIVERY, file_format=file_format))
    if isinstance(result, FailedFile):
        told = f"{file_format.upper()} can't hold a sound of no samples: use wav"
        assert str(result.error) == told
        assert not any((tmp_path / "out").iterdir())
    else:
        assert read(result.path).length_samples == 0


def test_silence_gets_no_gain_and_a_warning(tmp_path):
    result = mastered(write(tmp_path / "a.wav", Audio.silence(RATE, RATE)))
    assert result.gain_db == 0
    assert "silent" in result.warnings[0]
    assert not read(result.path).samples.any()


needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")


def by_ffmpeg(path):
    """What ffmpeg hears in a file, at 48 kHz."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-ar", "48000", "-ac", "2", "-"]
    heard = subprocess.run(command, capture_output=True, check=True).stdout
    return Audio(np.ascontiguousarray(np.frombuffer(heard, "<f4").reshape(-1, 2).T), 48_000)


@needs_ffmpeg
@pytest.mark.parametrize(("file_format", "name"), [("aac", "a.m4a"), ("opus", "a.opus")])
def test_aac_and_opus_are_as_loud_as_asked_when_they_are_heard(tmp_path, file_format, name):
    source = write(tmp_path / "a.wav", music())
    delivery = replace(DELIVERY, file_format=file_format)
    result = mastered(source, delivery)
    assert result.path.name == name
    levels = measure(by_ffmpeg(result.path))
    assert levels.integrated_lufs == pytest.approx(-20.0, abs=0.06)
    assert result.levels.integrated_lufs == pytest.approx(levels.integrated_lufs, abs=1e-3)
    assert result.levels.true_peak_dbtp == pytest.approx(levels.true_peak_dbtp, abs=1e-3)
    assert result.path.read_bytes() == mastered(source, delivery, "again").path.read_bytes()


@needs_ffmpeg
@pytest.mark.parametrize("file_format", ["aac", "opus", "ogg", "mp3"])
def test_what_a_codec_takes_of_the_loudness_is_told_where_the_ceiling_allows_no_more(
    tmp_path, file_format
):
    source = write(tmp_path / "a.wav", music())
    result = mastered(source, Delivery(Target(-11.0, -1.0), file_format=file_format))
    assert result.levels.true_peak_dbtp <= -1.0
    assert "quieter after coding than before" in result.warnings[-1]


@needs_ffmpeg
def test_what_ffmpeg_refuses_is_told_in_a_line(tmp_path):
    source = write(tmp_path / "a.wav", music(1, channels=1, sample_rate=44_100))
    jobs = plan_files([source], tmp_path / "out", replace(DELIVERY, file_format="opus"))
    (result,) = master_files(jobs, replace(DELIVERY, file_format="opus"))
    assert "opus has no 44100 Hz" in str(result.error)
    assert not list((tmp_path / "out").iterdir())
    pcm = quantise(music(1), "24", 0)
    with pytest.raises(AudioError, match="ffmpeg refuses"):
        encode_with_ffmpeg([pcm] * 9, pcm, "aac", tmp_path / "nowhere" / "a.m4a", {})


@needs_ffmpeg
def test_coding_through_ffmpeg_holds_no_more_of_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr("musicgen_daw.project.mastered_file.HELD_SAMPLES", 1000)
    held_bytes = []
    for seconds in (30, 300):
        source = write(tmp_path / f"{seconds}.wav", music(seconds, channels=1, sample_rate=8000))
        tracemalloc.start()
        mastered(source, Delivery(Target(-20.0, -1.0), file_format="opus"), f"out{seconds}")
        held_bytes.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert held_bytes[1] < held_bytes[0] + 2**20


def test_a_file_whose_work_is_ended_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr("musicgen_daw.project.mastered_file.HELD_SAMPLES", 1000)
    monkeypatch.setattr("musicgen_daw.audio.reading.PIECE_SAMPLES", RATE)
    (job,) = plan_files([write(tmp_path / "a.wav", music())], tmp_path / "out", DELIVERY)
    calls = iter(range(10))

    def check():
        if next(calls) == 4:  # while it is written, after it was measured
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        master_file(job, DELIVERY, check=check)
    assert next(calls) == 5
    assert list((tmp_path / "out").iterdir()) == []


def test_where_nobody_waits_any_more_no_work_goes_on(tmp_path, monkeypatch):
    source, other = (write(tmp_path / name, music(0.5)) for name in ("a.wav", "b.wav"))
    went_on = []

    def piece_after_piece(path, check):
        for _ in range(2000):
            check()
            sleep(0.001)
        went_on.append(path)
        yield np.zeros((2, 9), np.float32)

    jobs = plan_files([source], tmp_path / "out", DELIVERY)
    others = [
        replace(jobs[0], source=other, output=tmp_path / "out" / f"{n}.wav") for n in range(3)
    ]

    def interrupted(event):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "musicgen_daw.project.mastered_file.pieces_of",
        lambda path, check: (pieces_of if path == source else piece_after_piece)(path, check),
    )
    with pytest.raises(KeyboardInterrupt):
        master_files([*jobs, *others], DELIVERY, observer=interrupted, workers=2)
    assert went_on == []
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.wav"]


# -- an album --------------------------------------------------------------------------------------


def quieter(audio, db):
    return Audio(audio.samples * np.float32(10 ** (-db / 20)), audio.sample_rate)


def test_an_album_reaches_the_target_together_and_keeps_its_levels(tmp_path):
    folder = tmp_path / "in"
    for number, db in enumerate((0, 4, 9)):
        write(folder / f"{number}.wav", quieter(music(5, seed=number), db), subtype="FLOAT")
    jobs = plan_files([folder], tmp_path / "out", DELIVERY)
    results = master_files(jobs, DELIVERY, as_album=True)
    (gain_db,) = {round(result.gain_db, 6) for result in results}
    before = [measure(read(job.source)).integrated_lufs for job in jobs]
    after = [result.levels.integrated_lufs for result in results]
    assert after == pytest.approx([lufs + gain_db for lufs in before], abs=0.02)
    whole = np.concatenate([read(result.path).samples for result in results], axis=1)
    assert measure(Audio(whole, RATE)).integrated_lufs == pytest.approx(-20.0, abs=0.1)


def test_an_album_is_not_crushed_for_its_loudest_piece(tmp_path):
    folder = tmp_path / "in"
    for number, db in enumerate((0, 20)):
        write(folder / f"{number}.wav", quieter(music(5), db), subtype="FLOAT")
    delivery = Delivery(Target(-3.0, -1.0))
    told = []
    jobs = plan_files([folder], tmp_path / "out", delivery)
    results = master_files(jobs, delivery, as_album=True, observer=told.append)
    assert max(result.reduction_db for result in results) == pytest.approx(6.0, abs=0.1)
    assert all(result.levels.true_peak_dbtp <= -1 for result in results)
    assert "quieter than the wanted -3 LUFS" in told[0].message


def test_a_silent_album_gets_no_gain(tmp_path):
    source = write(tmp_path / "a.wav", Audio.silence(RATE, RATE))
    jobs = plan_files([source], tmp_path / "out", DELIVERY)
    (result,) = master_files(jobs, DELIVERY, as_album=True)
    assert result.gain_db == 0


# -- what is kept ----------------------------------------------------------------------------------


def chunks_of(path):
    content = path.read_bytes()
    return {chunk.id: chunk.body(content) for chunk in riff.parse(content).chunks}


def wav_with_everything(path, sample_rate=32_000):
    pcm = quantise(music(channels=1, sample_rate=sample_rate), "24", 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = (
        bext.encode(Bext(description="Door", time_reference_samples=64_000)),
        *cue.encode([Marker(3200, "slam", 640)], pcm.length_samples),
        smpl.encode(Span(0, 32_000), pcm.length_samples, sample_rate),
        info.encode(Info(title="Öl", artist="Me")),
        Chunk(b"_PMX", b"<xmp/>"),
    )
    with path.open("wb") as file:
        wav.write(file, pcm, chunks)
    return path


def test_chunks_are_kept_and_move_with_the_rate(tmp_path):
    source = wav_with_everything(tmp_path / "a.wav")
    result = mastered(source, replace(DELIVERY, sample_rate=RATE))
    chunks = chunks_of(result.path)
    assert chunks[b"bext"].startswith(b"Door")
    assert struct.unpack_from("<Q", chunks[b"bext"], 338) == (96_000,)
    loudness, _, peak = struct.unpack_from("<3h", chunks[b"bext"], 412)
    assert loudness == -2000
    assert peak == pytest.approx(100 * result.levels.true_peak_dbtp, abs=1)
    assert struct.unpack_from("<II", chunks[b"cue "], 4) == (1, 4800)
    assert struct.unpack_from("<II", chunks[b"smpl"], 44) == (0, 47_999)
    assert chunks[b"_PMX"] == b"<xmp/>"
    assert soundfile.SoundFile(result.path).copy_metadata()["title"] == "Öl"
    assert list(chunks)[:3] == [b"JUNK", b"bext", b"fmt "]
    assert result.warnings == ()


def test_a_big_endian_wav_is_mastered_too(tmp_path):
    source = write(tmp_path / "a.wav", music(1), endian="BIG")
    assert source.read_bytes()[:4] == b"RIFX"
    assert mastered(source).levels.integrated_lufs == pytest.approx(-20, abs=0.02)


def rf64_of(path, told_samples=None):
    """An RF64 whose marker, region and loop stand behind its samples, as in files beyond 4 GiB."""
    pcm = quantise(music(1), "16", 0)
    chunks = (
        bext.encode(Bext(time_reference_samples=2**40)),
        *cue.encode([Marker(100, "slam", 640)], pcm.length_samples),
        smpl.encode(Span(50, 40_000), pcm.length_samples, RATE),
    )
    with path.open("wb") as file:
        wav.write(file, pcm, chunks, rf64_above=0)
    if told_samples is not None:
        told_bytes = told_samples * pcm.channels * 2
        head = struct.pack("<QQQI", told_bytes + 1000, told_bytes, told_samples, 0)
        path.write_bytes(path.read_bytes()[:20] + head + path.read_bytes()[20 + len(head) :])
    return path


def test_an_rf64_is_mastered_with_all_that_it_brings_along(tmp_path):
    result = mastered(rf64_of(tmp_path / "a.wav"))
    assert result.levels.integrated_lufs == pytest.approx(-20, abs=0.02)
    assert result.warnings == ()
    chunks = chunks_of(result.path)
    assert struct.unpack_from("<Q", chunks[b"bext"], 338) == (2**40,)
    assert struct.unpack_from("<II", chunks[b"cue "], 4) == (1, 100)
    assert struct.unpack_from("<II", chunks[b"smpl"], 44) == (50, 39_999)
    assert result.path.read_bytes()[:4] == b"RIFF"


def test_an_rf64_that_tells_more_than_four_gibibytes_and_was_cut_off_is_told(tmp_path):
    source = rf64_of(tmp_path / "a.rf64", told_samples=2 * 10**9)
    result = mastered(source)
    # What follows the samples is taken for some of them.
    missing = int(result.warnings[0].split()[1])
    assert 2 * 10**9 - RATE - 300 < missing < 2 * 10**9 - RATE


def test_a_wav_beyond_the_size_of_a_riff_becomes_an_rf64(tmp_path):
    source = rf64_of(tmp_path / "a.wav")
    (job,) = plan_files([source], tmp_path / "out", DELIVERY)
    large = master_file(job, DELIVERY, rf64_above=100_000).path.read_bytes()
    small = master_file(job, DELIVERY, rf64_above=10**6).path.read_bytes()
    assert (large[:4], small[:4]) == (b"RF64", b"RIFF")
    size, data_size, length_samples = struct.unpack_from("<3Q", large, 20)
    assert (size, data_size, length_samples) == (len(large) - 8, 4 * RATE, RATE)
    assert [chunk.id for chunk in riff.parse(large).chunks] == [
        b"ds64", *(chunk.id for chunk in riff.parse(small).chunks[1:])
    ]  # fmt: skip
    assert soundfile.info(job.output).frames == RATE
    assert [cue.name for cue in read_sheet(job.output).cues] == ["slam"]


def test_an_aiff_that_would_be_too_large_is_refused_before_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("musicgen_daw.project.limits.LARGEST_AIFF_BYTES", 1000)
    source = write(tmp_path / "a.aiff", music(1))
    jobs = plan_files([source], tmp_path / "out", DELIVERY)
    (result,) = master_files(jobs, DELIVERY)
    assert str(result.error).startswith("AIFF can't hold 192000 bytes of sound, only 4 GiB: use --")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("rate", "instead"), [(384_000, 192_000), (352_800, 176_400), (4_000, 8_000)]
)
def test_a_rate_at_which_loudness_is_not_defined_is_told_with_one_that_will_do(
    tmp_path, rate, instead
):
    source = write(tmp_path / "a.wav", music(0.5, sample_rate=rate))
    jobs = plan_files([source], tmp_path / "out", DELIVERY)
    (result,) = master_files(jobs, DELIVERY)
    assert str(result.error) == (
        f"loudness can't be measured at {rate} Hz, only from 8000 to 192000: use --rate {instead}"
    )
    assert mastered(source, replace(DELIVERY, sample_rate=instead)).sample_rate == instead


def test_what_another_format_can_not_hold_is_told(tmp_path):
    source = wav_with_everything(tmp_path / "a.wav")
    result = mastered(source, replace(DELIVERY, file_format="flac"))
    assert result.warnings == (
        "its bext, XMP, region lengths can't be kept in flac: use --format wav",
    )
    assert soundfile.SoundFile(result.path).copy_metadata()["artist"] == "Me"


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("file_format", [None, "wav"])
def test_tags_are_kept(tmp_path, suffix, file_format):
    path = tmp_path / f"a.{suffix}"
    with soundfile.SoundFile(path, "w", RATE, 2) as file:
        file.title, file.artist = "Öl", "Me"
        file.write(music(1).samples.T)
    result = mastered(path, replace(DELIVERY, file_format=file_format))
    told = soundfile.SoundFile(result.path).copy_metadata()
    assert (told["title"], told["artist"]) == ("Öl", "Me")


# -- files and folders -----------------------------------------------------------------------------


def test_sub_folders_are_mirrored_and_the_output_is_not_read(tmp_path):
    for name in ("in/a.wav", "in/deep/er/b.WAV", "in/.hidden/c.wav", "in/._a.wav", "in/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    names = [job.name for job in plan_files([tmp_path / "in"], tmp_path / "in" / "out", DELIVERY)]
    assert names == ["a.wav", "deep/er/b.WAV"]
    (tmp_path / "in" / "out").mkdir()
    (tmp_path / "in" / "out" / "old.wav").write_bytes(b"")
    assert len(plan_files([tmp_path / "in"], tmp_path / "in" / "out", DELIVERY)) == 2


def test_named_files_are_placed_below_what_holds_them_all(tmp_path):
    paths = [tmp_path / "x" / "1" / "a.wav", tmp_path / "x" / "2" / "a.wav"]
    names = [job.name for job in plan_files(paths, tmp_path / "out", DELIVERY)]
    assert names == ["1/a.wav", "2/a.wav"]


def test_two_files_never_become_one(tmp_path):
    paths = [tmp_path / "a.wav", tmp_path / "a.flac"]
    assert len(plan_files(paths, tmp_path / "out", DELIVERY)) == 2
    with pytest.raises(UsageError, match="would both become"):
        plan_files(paths, tmp_path / "out", replace(DELIVERY, file_format="mp3"))


def test_nothing_is_overwritten_without_being_told(tmp_path):
    source = write(tmp_path / "a.wav", music(1))
    before = source.read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        plan_files([source], tmp_path, DELIVERY)
    assert source.read_bytes() == before
    jobs = plan_files([source], tmp_path, DELIVERY, overwrite=True)
    (result,) = master_files(jobs, DELIVERY)
    assert result.path == source
    assert measure(read(source)).integrated_lufs == pytest.approx(-20, abs=0.02)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files")
def test_an_output_that_is_no_folder_is_told(tmp_path):
    source = write(tmp_path / "a.wav", music(0.5))
    os.mkfifo(tmp_path / "out")
    (result,) = master_files(plan_files([source], tmp_path / "out", DELIVERY), DELIVERY)
    assert str(result.error).endswith("out/a.wav: can't be written: Not a directory")


def test_one_bad_file_keeps_no_other_from_being_done(tmp_path):
    good = write(tmp_path / "good.wav", music(1))
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF and no more")
    faulty = write(
        tmp_path / "nan.wav", Audio(np.full((1, 99), np.nan, "f4"), RATE), subtype="FLOAT"
    )
    jobs = plan_files([bad, good, faulty], tmp_path / "out", DELIVERY)
    one, two, three = master_files(jobs, DELIVERY)
    assert isinstance(one, FailedFile)
    assert isinstance(one.error, AudioError)
    assert two.path.is_file()
    assert "NaN" in str(three.error)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.wav"]


def test_no_sound_files_are_told(tmp_path):
    with pytest.raises(UsageError, match="no sound files"):
        plan_files([tmp_path], tmp_path / "out", DELIVERY)


# -- measuring -------------------------------------------------------------------------------------


def test_measuring_tells_levels_and_misses(tmp_path):
    path = write(tmp_path / "a.wav", music(), subtype="FLOAT")
    (plain,) = measure_files([path])
    assert plain.misses == ()
    expected = measure(read(path))
    assert plain.reading.levels.integrated_lufs == expected.integrated_lufs
    assert plain.reading.levels.true_peak_dbtp == pytest.approx(expected.true_peak_dbtp, abs=1e-4)
    (missed,) = measure_files([tmp_path], Target(-10.0))
    assert "quieter than -10" in missed.misses[0]


def test_nan_in_a_file_is_always_a_miss(tmp_path):
    audio = music(1)
    audio.samples[0, 5] = np.nan
    (result,) = measure_files([write(tmp_path / "a.wav", audio, subtype="FLOAT")])
    assert "1 of its samples are NaN" in result.misses[0]


def test_the_default_holds_three_minutes_of_stereo():
    assert pytest.approx(175, abs=1) == programme.HELD_SAMPLES / 2 / RATE
