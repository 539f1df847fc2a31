#!/usr/bin/env python3
"""A camera without pictures of its own, in the place of lunette-camera: what `lunette` starts,
speaks to and looks after in tests/e2e/cli_run.sh and cli_camera.sh.

It takes lunette-camera's options, writes them to CONTAINER/args, says on --ready-fd that it is up
and answers on run/lunette.sock. STAND_IN makes it behave badly:
  refuse   says why it cannot start, and ends
  silent   ends before it says anything
  deaf     does not end on SIGTERM
The event `die` sent to it kills it; the event `fail` makes it tell a scene error.
"""
import array
import json
import os
import signal
import socket
import sys
import threading

WIDTH, HEIGHT = 64, 36
DECLARED = {"clock": ("true", "false")}


def options():
    words, found = sys.argv[1:], {}
    for i in range(0, len(words), 2):
        found.setdefault(words[i], []).append(words[i + 1])
    return found


class Camera:
    def __init__(self, found):
        self.container = found["--container"][0]
        self.name = found["--name"][0]
        if "--scene" in found:
            self.scene_file = found["--scene"][0]
        else:
            with open(os.path.join(self.container, "active")) as file:
                self.scene_file = os.path.join(
                    self.container, "scenes", file.read().strip(), "scene.lua")
        self.listeners = []
        self.values = {}

    @property
    def scene(self):
        return os.path.basename(os.path.dirname(self.scene_file))

    def publish(self, event):
        for listener in self.listeners:
            listener.sendall((json.dumps(event) + "\n").encode())

    def status(self):
        return {"camera": self.name, "scene": self.scene, "state": "live", "watchers": 2,
                "format": "nv12 64x36 bt601 limited", "fps": 29.97, "frames": 90, "late": 1,
                "dropped": 0, "repeated": 3, "reloads": 4, "errors": 1,
                "last_error": {"path": "scene.lua", "line": 7, "message": "boom",
                               "traceback": "stack traceback:\n\tscene.lua:7: in draw"},
                "script_ms": {"p50": 0.25, "p99": 1.5}, "memory_bytes": 3 << 20,
                "uptime_s": 3725}

    def frame(self):
        # Padded as lunette/format.h says: strides are multiples of 4. White, in limited range.
        data = b"\xeb" * (WIDTH * HEIGHT) + b"\x80" * (WIDTH * HEIGHT // 2)
        fd = os.memfd_create("frame")
        os.write(fd, data)
        return {"serial": 1, "number": 90, "size_bytes": len(data),
                "format": {"pixel": "nv12", "width": WIDTH, "height": HEIGHT, "fps_num": 30,
                           "fps_den": 1, "matrix": "bt601", "range": "limited"}}, fd

    def set(self, texts):
        for name, text in texts.items():
            if name not in DECLARED:
                return {"code": "not_found", "message": f"the scene has no parameter {name}"}
            if text not in DECLARED[name]:
                return {"code": "invalid",
                        "message": f"parameter {name} wants true or false, got {text}"}
        self.values.update(texts)
        return None

    def use(self, name):
        file = os.path.join(self.container, "scenes", name, "scene.lua")
        if not os.path.exists(file):
            return {"code": "not_found", "message": f"no scene {name}"}
        if name == "broken":
            return {"code": "script", "message": "attempt to call a nil value", "path": file,
                    "line": 3, "traceback": "stack traceback:\n\t[C]: in ?"}
        self.scene_file = file
        with open(os.path.join(self.container, "active"), "w") as active:
            active.write(name)
        self.publish({"event": "scene", "scene": name})
        return None

    def scenes(self):
        folder = os.path.join(self.container, "scenes")
        return {"scenes": [{"name": name, "path": os.path.join(folder, name, "scene.lua"),
                            "active": name == self.scene, "on_air": name == self.scene}
                           for name in sorted(os.listdir(folder))]}

    def answer(self, request, connection):
        """-> error or None, extra members, descriptor or None"""
        do = request["do"]
        if do == "status":
            return None, self.status(), None
        if do == "scenes":
            return None, self.scenes(), None
        if do == "frame":
            extra, fd = self.frame()
            return None, extra, fd
        if do == "params":
            return None, {"scene": self.scene, "params": [
                {"name": "clock", "kind": "bool", "label": "Clock", "value": True,
                 "default": True}]}, None
        if do == "set":
            return self.set(request["text"]), {}, None
        if do == "use":
            return self.use(request["scene"]), {}, None
        if do == "watch":
            self.listeners.append(connection)
        if do == "send" and request["event"] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if do == "send" and request["event"] == "fail":
            self.publish({"event": "error", "error": {
                "path": self.scene_file, "line": 12, "message": "said " + str(request["data"]),
                "traceback": "stack traceback:\n\tscene.lua:12: in draw"}})
        return None, {}, None

    def serve(self, connection):
        for line in connection.makefile("rb"):
            error, extra, fd = self.answer(json.loads(line), connection)
            reply = {"ok": False, "error": error} if error else {"ok": True, **extra}
            data = (json.dumps(reply) + "\n").encode()
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))] if fd else []
            connection.sendmsg([data], rights)
            if fd:
                os.close(fd)
        if connection in self.listeners:
            self.listeners.remove(connection)


def main():
    found = options()
    mode = os.environ.get("STAND_IN", "")
    container = found["--container"][0]
    ready = os.fdopen(int(found["--ready-fd"][0]), "w")
    if mode == "silent":
        sys.exit(9)
    if mode == "refuse":
        ready.write(json.dumps({"ok": False, "exit": 3, "error": {
            "code": "unsupported", "message": "no fonts on this machine"}}) + "\n")
        sys.exit(3)
    if mode == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    camera = Camera(found)
    path = os.path.join(container, "run", "lunette.sock")
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    with open(os.path.join(container, "args"), "a") as file:
        file.write(json.dumps({"pid": os.getpid(), "args": sys.argv[1:]}) + "\n")
    ready.write(json.dumps({
        "ok": True, "scene": camera.scene, "file": camera.scene_file, "outputs": [],
        "missing": ["no PipeWire session here"]}) + "\n")
    ready.close()
    while True:
        connection, _ = server.accept()
        threading.Thread(target=camera.serve, args=(connection,), daemon=True).start()


main()
