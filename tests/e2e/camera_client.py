#!/usr/bin/env python3
"""The other side of the camera in tests/e2e/camera_*.sh: reads raw frames and the control socket.

Frames bear a number as 16 blocks (see stamped in tests/harness/camera.sh).
"""
import json
import mmap
import os
import socket
import sys
import time


def frame_bytes(pixel, width, height):
    """Of a packed frame, as GStreamer and `lunette render` write it where no row needs padding."""
    luma = width * height
    if pixel in ("nv12", "i420"):
        return luma + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    if pixel == "yuy2":
        return 2 * luma
    raise SystemExit(f"unknown format {pixel}")


def read_number(luma, width, height, stride=None, step=1):
    """What the blocks say; None when one of them is neither black nor white."""
    stride = stride or width * step
    number = 0
    for bit in range(16):
        x, y = (bit * 60 + 30) * width // 1920, 30 * height // 1080
        value = luma[y * stride + x * step]
        if value > 200:
            number |= 1 << bit
        elif value > 60:
            return None
    return number


def frames_of(path, pixel, width, height):
    size = frame_bytes(pixel, width, height)
    with open(path, "rb") as file:
        while len(frame := file.read(size)) == size:
            yield frame
        if frame:
            raise SystemExit(f"{path} ends in the middle of a frame: {len(frame)} of {size} bytes")


def number_of(frame, pixel, width, height):
    return read_number(frame, width, height, step=2 if pixel == "yuy2" else 1)


def numbers(path, pixel, width, height):
    """The number of each frame in a file, one a line."""
    for frame in frames_of(path, pixel, int(width), int(height)):
        print(number_of(frame, pixel, int(width), int(height)))


def compare(received, rendered, first, pixel, width, height, least):
    """Each received frame against the rendered one of its number; `rendered` begins at `first`.

    At least so many are to be different ones.
    """
    width, height, first = int(width), int(height), int(first)
    references = list(frames_of(rendered, pixel, width, height))
    seen = []
    for index, frame in enumerate(frames_of(received, pixel, width, height)):
        number = number_of(frame, pixel, width, height)
        if number is None or not 0 <= number - first < len(references):
            raise SystemExit(f"frame {index} has number {number}")
        reference = references[number - first]
        if frame != reference:
            at = next(i for i in range(len(frame)) if frame[i] != reference[i])
            count = sum(a != b for a, b in zip(frame, reference))
            raise SystemExit(f"frame {index} (number {number}): {count} bytes differ, the first at "
                             f"{at}: {frame[at]}, not {reference[at]}")
        if seen and number < seen[-1]:
            raise SystemExit(f"frame {index} has number {number}, after {seen[-1]}")
        seen.append(number)
    print(f"{len(seen)} frames, {len(set(seen))} different, all as rendered")
    if len(set(seen)) < int(least):
        raise SystemExit("that is too few")


class Camera:
    """A client of the control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.buffer = b""
        self.fds = []
        self.serial = 0

    def receive_line(self):
        while b"\n" not in self.buffer:
            data, fds, _, _ = socket.recv_fds(self.socket, 65536, 4)
            if not data:
                raise SystemExit("the camera hung up")
            self.buffer += data
            self.fds += fds
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, **request):
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        return self.receive_line()

    def frame(self):
        """The next picture: (number that it bears, luma of its middle)."""
        answer = self.ask(do="frame", after=self.serial)
        if not answer["ok"]:
            return None
        self.serial = answer["serial"]
        fd = self.fds.pop()
        width, height = answer["format"]["width"], answer["format"]["height"]
        stride = (width + 63) // 64 * 64 if answer["size_bytes"] != frame_bytes(
            answer["format"]["pixel"], width, height) else width
        with mmap.mmap(fd, answer["size_bytes"], prot=mmap.PROT_READ) as luma:
            read = (read_number(luma, width, height, stride),
                    luma[height // 2 * stride + width // 2])
        os.close(fd)
        return read


def picture(path):
    """Of the next new picture: the number it bears, and the luma of its middle."""
    read = Camera(path).frame()
    print(*(read or ("no", "picture")))


def listen(path):
    """Every event of the camera, one a line, for as long as it runs."""
    camera = Camera(path)
    camera.ask(do="watch", events=["error", "scene"])
    camera.socket.settimeout(None)
    print("listening", flush=True)
    while True:
        print(json.dumps(camera.receive_line()), flush=True)


SCENE = """
local scene, saves = {}, 0
function scene.save() return { saves = saves } end
function scene.load(saved) saves = (saved and saved.saves or 0) + 1 end
function scene.draw(cr, frame)
  cr:set_source(frame.number %% 2 == 0 and "#444" or "#777")
  cr:paint()
  cr:text("version %s", 960, 300, { size = 120, color = "#fff" })
  for bit = 0, 15 do
    cr:rectangle(bit * 60, 0, 60, 60)
    cr:set_source(%s >> bit & 1 == 1 and "#fff" or "#000")
    cr:fill()
  end
end
return scene
"""


def save(path, version, shown):
    """A scene that shows an expression as its number, the way most editors save."""
    with open(path + "~", "w", encoding="utf-8") as file:
        file.write(SCENE % (version % 2, shown))  # few texts: pictures of them are kept
    os.rename(path + "~", path)


def wait_for_number(camera, number, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        read = camera.frame()
        if read and read[0] == number:
            return
    raise SystemExit(f"no picture with number {number} within {seconds} s")


def latency(path, scene, count):
    """Milliseconds from save to the first new picture in a client's hands: p50 and max."""
    camera = Camera(path)
    took = []
    for version in range(int(count)):
        save(scene, version, version)
        began = time.monotonic()
        wait_for_number(camera, version, 10)
        took.append((time.monotonic() - began) * 1000)
    took.sort()
    print(f"{took[len(took) // 2]:.0f} {took[-1]:.0f}")


def resources(pid):
    """Resident KiB and open files of a process."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        rss = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return rss, len(os.listdir(f"/proc/{pid}/fd"))


def set_latency(path, count):
    """Sets `level` again and again: after how many frames it is on air; median and most.

    The scene shows level in the upper 4 bits of its number, and the frame's in the lower 12.
    """
    camera = Camera(path)
    took = []
    for turn in range(int(count)):
        level = turn % 15 + 1
        before = camera.frame()[0] & 0xfff
        answer = camera.ask(do="set", values={"level": level})
        if not answer["ok"]:
            raise SystemExit(answer)
        until = time.monotonic() + 10
        while (number := camera.frame()[0]) >> 12 != level:
            if time.monotonic() > until:
                raise SystemExit(f"level {level} is not on air after 10 s")
        took.append((number & 0xfff) - before & 0xfff)
    took.sort()
    print(took[len(took) // 2], took[-1])


def set_in_reload(path, scene, count):
    """Saves the scene and sets `level` while the new version is being loaded."""
    camera = Camera(path)
    with open(scene, encoding="utf-8") as file:
        source = file.read()
    for turn in range(int(count)):
        level = turn % 15 + 1
        with open(scene + "~", "w", encoding="utf-8") as file:
            file.write(source + f"\n-- {turn}\n")
        before = camera.ask(do="status")["reloads"]
        os.rename(scene + "~", scene)
        time.sleep(0.01 + 0.004 * turn)  # all of the load's time, and a little of before and after
        camera.ask(do="set", values={"level": level})
        until = time.monotonic() + 10
        while camera.ask(do="status")["reloads"] == before:
            if time.monotonic() > until:
                raise SystemExit("no reload within 10 s")
            time.sleep(0.01)
        for _ in range(4):
            number = camera.frame()[0]
        if number >> 12 != level:
            raise SystemExit(f"turn {turn}: level {number >> 12} is on air, not {level}")


COUNTS = ("frames", "late", "repeated", "dropped", "reloads", "errors")


def storm(path, scene, seconds, rate, *pids):
    """Saves so many times a second, and prints what that did to the counts and processes.

    state: whether every single save was seen by the scene, which counts them over its reloads.
    """
    camera = Camera(path)
    save(scene, 0, "saves")
    time.sleep(0.5)
    base = camera.frame()[0]
    before, used = camera.ask(do="status"), [resources(pid) for pid in pids]
    saves, began = 0, time.monotonic()
    while (now := time.monotonic() - began) < float(seconds):
        if saves <= now * float(rate):
            saves += 1
            save(scene, saves, "saves")
        camera.frame()
    wait_for_number(camera, base + saves, 10)
    after = camera.ask(do="status")
    for name in COUNTS:
        print(name, after[name] - before[name])
    print("saves", saves)
    for pid, (rss, files) in zip(pids, used):
        print("grown_kib", resources(pid)[0] - rss)
        print("grown_files", resources(pid)[1] - files)


if __name__ == "__main__":
    commands = {f.__name__: f for f in (numbers, compare, picture, listen, latency, set_latency,
                                         set_in_reload, storm)}
    commands[sys.argv[1]](*sys.argv[2:])
