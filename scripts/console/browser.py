"""Drives Debian's chromium without a screen, by the DevTools protocol over a pipe: no package beside Python is needed.

`Browser()` starts it with an empty profile that goes with it; `Page` loads, waits, types, clicks and takes pictures, and keeps
what a page must not do in `faults`: messages of level error in the console, exceptions, requests to another host, answers
that failed unexpectedly.
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

KEYS = {"Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""), "Tab": ("Tab", 9, ""), "Space": (" ", 32, " "), "Backspace": ("Backspace", 8, ""), "Delete": ("Delete", 46, ""),
        "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowUp": ("ArrowUp", 38, ""), "ArrowRight": ("ArrowRight", 39, ""), "ArrowDown": ("ArrowDown", 40, ""), "Slash": ("/", 191, "/")}


class Failure(Exception):
    """Something on the page was not as it should be."""


class Browser:
    def __init__(self, width=1366, height=768):
        self.profile = tempfile.mkdtemp(prefix="warden-browser-")
        to_browser, ours_out = os.pipe()
        ours_in, from_browser = os.pipe()
        program = next((p for p in ("chromium", "chromium-browser", "google-chrome") if shutil.which(p)), None)
        if not program:
            raise Failure("chromium is not installed: apt-get install chromium")

        def wire():
            # The protocol's pipe is on 3 and 4; the ends may be those numbers already.
            a, b = os.dup(to_browser), os.dup(from_browser)
            os.dup2(a, 3)
            os.dup2(b, 4)

        flags = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile}", f"--window-size={width},{height}", "--hide-scrollbars", "--mute-audio", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions", "--disable-gpu", "--force-color-profile=srgb",
                 "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        self.process = subprocess.Popen([program, *flags, "about:blank"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=wire, close_fds=False)
        os.close(to_browser)
        os.close(from_browser)
        self.out, self.incoming = os.fdopen(ours_out, "wb", buffering=0), ours_in
        self.serial, self.answers, self.sessions = 0, {}, {}
        self.change = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        rest = b""
        while chunk := os.read(self.incoming, 1 << 20):
            *whole, rest = (rest + chunk).split(b"\0")
            for text in whole:
                message = json.loads(text)
                with self.change:
                    if "id" in message:
                        self.answers[message["id"]] = message
                    elif page := self.sessions.get(message.get("sessionId")):
                        page.event(message["method"], message.get("params", {}))
                    self.change.notify_all()
        with self.change:
            self.answers = None
            self.change.notify_all()

    def send(self, method, params=None, session=None, timeout=60):
        with self.change:
            self.serial += 1
            number = self.serial
            message = {"id": number, "method": method, "params": params or {}}
            if session:
                message["sessionId"] = session
            self.out.write(json.dumps(message).encode() + b"\0")
            end = time.monotonic() + timeout
            while self.answers is not None and number not in self.answers:
                if not self.change.wait(max(0, end - time.monotonic())) and time.monotonic() >= end:
                    raise Failure(f"chromium did not answer {method} within {timeout} s")
            if self.answers is None:
                raise Failure("chromium ended")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def page(self, base, width=1366, height=768, touch=False):
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, session, base, width, height, touch)

    def close(self):
        try:
            self.send("Browser.close", timeout=5)
        except (Failure, OSError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Page:
    def __init__(self, browser, session, base, width, height, touch):
        self.browser, self.session, self.base = browser, session, base.rstrip("/")
        self.host = urllib.parse.urlsplit(base).netloc
        self.faults, self.allowed, self.requests = [], [], {}
        browser.sessions[session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.size(width, height, touch)

    def send(self, method, params=None, **options):
        return self.browser.send(method, params, self.session, **options)

    def size(self, width, height, touch=False):
        self.send("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.send("Emulation.setTouchEmulationEnabled", {"enabled": touch, "maxTouchPoints": 2 if touch else 1})

    def allow(self, *texts):
        """Faults with one of these in them are meant: a wrong password's 401, a missing still."""
        self.allowed.extend(texts)

    def fault(self, text):
        if not any(one in text for one in self.allowed) and text not in self.faults:
            self.faults.append(text)

    def event(self, method, p):
        if method == "Runtime.consoleAPICalled" and p["type"] in ("error", "assert", "warning"):
            self.fault(f"console.{p['type']}: " + " ".join(str(a.get("value", a.get("description", ""))) for a in p["args"]))
        elif method == "Runtime.exceptionThrown":
            d = p["exceptionDetails"]
            self.fault("exception: " + d.get("exception", {}).get("description", d["text"]))
        elif method == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
            self.fault(f"{p['entry']['source']}: {p['entry']['text']} {p['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            url = urllib.parse.urlsplit(p["request"]["url"])
            self.requests[p["requestId"]] = p["request"]["url"]
            if url.scheme not in ("data", "blob", "about") and url.netloc != self.host:
                self.fault("request to another host: " + p["request"]["url"])
        elif method == "Network.responseReceived" and p["response"]["status"] >= 400:
            self.fault(f"answer {p['response']['status']}: {p['response']['url']}")

    def run(self, script, wait=True):
        """The value of an expression; a promise is waited for."""
        answer = self.send("Runtime.evaluate", {"expression": script, "awaitPromise": wait, "returnByValue": True, "userGesture": True})
        if "exceptionDetails" in answer:
            d = answer["exceptionDetails"]
            raise Failure(d.get("exception", {}).get("description", d["text"]))
        return answer["result"].get("value")

    def open(self, path="/"):
        self.send("Page.navigate", {"url": self.base + path})
        self.until("document.readyState === 'complete'", "the page to load")

    def go(self, place):
        self.run(f"void (location.hash = {json.dumps('#/' + place)})")

    def until(self, condition, what=None, timeout=20):
        """Waits for a condition (an expression), and returns its value."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                if value := self.run(condition):
                    return value
            except Failure as failure:
                if "Cannot find context" not in str(failure) and "navigat" not in str(failure).lower():
                    raise
            time.sleep(0.1)
        raise Failure(f"waited {timeout} s for {what or condition}")

    def see(self, selector, text=None, timeout=20):
        """Waits until something visible fits the selector, with the text in it."""
        test = f"[...document.querySelectorAll({json.dumps(selector)})].some(e => e.checkVisibility() && (e.textContent + ' ' + (e.value ?? '')).includes({json.dumps(text or '')}))"
        return self.until(test, f"{selector}" + (f" with “{text}”" if text else ""), timeout)

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.textContent ?? null")

    def place(self, selector, text=None, at=(0.5, 0.5)):
        self.see(selector, text)
        box = self.run(f"(() => {{ const e = [...document.querySelectorAll({json.dumps(selector)})].find(e => e.checkVisibility() && e.textContent.includes({json.dumps(text or '')})); e.scrollIntoView({{block: 'nearest', inline: 'nearest'}}); const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; }})()")
        return box[0] + box[2] * at[0], box[1] + box[3] * at[1]

    def mouse(self, kind, x, y, count=1, button="left"):
        self.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "button": button if kind != "mouseMoved" else "none", "buttons": 1 if kind == "mousePressed" else 0, "clickCount": count})

    def click(self, selector, text=None, at=(0.5, 0.5)):
        self.click_at(*self.place(selector, text, at))

    def click_at(self, x, y):
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def drag(self, start, end, steps=6):
        self.mouse("mouseMoved", *start)
        self.mouse("mousePressed", *start)
        for i in range(1, steps + 1):
            x, y = (a + (b - a) * i / steps for a, b in zip(start, end))
            self.send("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1})
        self.mouse("mouseReleased", *end)

    def tap(self, x, y):
        self.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        self.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def key(self, code, ctrl=False, shift=False, alt=False):
        """Presses a key by its place: KeyA, Digit3, Space, ArrowLeft …"""
        if code.startswith("Key"):
            key, number, text = (code[3].upper() if shift else code[3].lower()), ord(code[3]), code[3].lower()
        elif code.startswith("Digit"):
            key, number, text = code[5], ord(code[5]), code[5]
        else:
            key, number, text = KEYS[code]
        modifiers = (2 if ctrl else 0) | (8 if shift else 0) | (1 if alt else 0)
        event = {"code": code, "key": key, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        self.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": "" if ctrl or alt else text, **event})
        self.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    def type(self, text):
        self.send("Input.insertText", {"text": text})

    def fill(self, selector, text):
        self.see(selector)
        self.run(f"(() => {{ const e = [...document.querySelectorAll({json.dumps(selector)})].find(e => e.checkVisibility()); e.focus(); e.select?.(); }})()")
        self.type(text)

    def audit(self):
        """What somebody without a mouse or without eyes would miss: names, labels, ids, what is wider than the screen."""
        return self.run("""(() => {
            const faults = [], shown = (e) => e.checkVisibility();
            const name = (e) => (e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || e.title || '').trim();
            const what = (e) => e.outerHTML.slice(0, 120);
            for (const e of document.querySelectorAll('button, a[href], summary, [role=button]')) if (shown(e) && !name(e)) faults.push('without a name: ' + what(e));
            for (const e of document.querySelectorAll('input, select, textarea')) if (shown(e) && !name(e)) faults.push('without a label: ' + what(e));
            for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) faults.push('without alt: ' + what(e));
            const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
            for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push('id twice: ' + id);
            if (document.documentElement.scrollWidth > innerWidth) faults.push('wider than the screen');
            const missing = document.body.innerText.match(/\\b(?:review|cases|camera|cameras|zones|accuracy|people|audit|action|error|state|why|shell|login|password|import|filter)\\.[a-zA-Z]+\\b/g) ?? [];
            for (const key of missing) if (!/^(camera|zones|case|user|session|warning)\\.(create|update|delete|stage|review)$/.test(key)) faults.push('a text is missing: ' + key);
            return faults;
        })()""")

    def screenshot(self, path):
        data = self.send("Page.captureScreenshot", {"format": "png"})["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))
