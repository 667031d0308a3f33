"""Drives the real program as a person would: looks at it through AT-SPI, types, clicks and drags
through the X server. To be run by `session`.

A test program registers cases with @case and ends with run_cases (), which prints TAP. Each case
gets a World of its own: a new home, in which programs are started. Whatever is waited for is
asked for again and again until it is there; nothing depends on how long a step takes. When a case
fails, a picture of the screen, the accessible tree and the program's log are in the artefacts.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

import atspi_tree
from atspi_tree import Gone

ARTEFACTS = pathlib.Path(os.environ["GLOSS_UI_ARTEFACTS"])
SCREENSHOTS = pathlib.Path(os.environ.get("GLOSS_UI_SCREENSHOTS", ARTEFACTS))
DATA = pathlib.Path(os.environ["GLOSS_DATA_DIR"])
PICTURES = DATA / "demo" / "pictures"
PROGRAM = os.environ["GLOSS_PROGRAM"]
DRAG_SOURCE = os.environ.get("GLOSS_UI_DRAG_SOURCE")
# Under a sanitizer everything takes longer.
PATIENCE = float(os.environ.get("GLOSS_UI_PATIENCE", "1"))
POLL_SECONDS = 0.03
BUTTONS = ("button", "push button", "toggle button")
CALL_TIMEOUT_SECONDS = 20 * PATIENCE

# What toolkits and this machine say and no person can help.
HARMLESS = re.compile(
    r"Unable to acquire session bus|AT-SPI: Could not obtain desktop path"
    r"|Failed to load module \"canberra|dconf"
)
BAD_LINE = re.compile(r"(CRITICAL|WARNING|ERROR) \*\*|-(CRITICAL|WARNING|ERROR)\b|runtime error:|Sanitizer")


class Failure(AssertionError):
    """What a case expected did not come true."""


def wait_until(condition, seconds=10, what=None):
    """What CONDITION gives once that is true; a widget that goes away meanwhile counts as false."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        is_last = time.monotonic() > end
        trouble = ""
        try:
            value = condition()
            if value:
                return value
        except Gone as error:
            trouble = f" ({error})"
        if is_last:
            wanted = what or "the condition in the trace below"
            raise Failure(f"waited {seconds * PATIENCE:.0f} s for {wanted}{trouble}")
        time.sleep(POLL_SECONDS)


def expect(truth, words):
    if not truth:
        raise Failure(words)


def expect_equal(got, wanted, words="value"):
    if got != wanted:
        raise Failure(f"{words}: got {got!r}, wanted {wanted!r}")


def run(*command, **keywords):
    return subprocess.run(
        [str(word) for word in command], capture_output=True, check=False, **keywords
    )


def xdotool(*arguments):
    done = run("xdotool", *arguments, text=True)
    return done.stdout if done.returncode == 0 else ""


# ------------------------------------------------------------------------------------- the program


class Program:
    """One run of the program."""

    def __init__(self, world, command, environment, log_path):
        self.world = world
        self.log_path = log_path
        self.start_time = time.monotonic()
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=world.home,
            )
        self._window = None

    # -- finding

    def check_alive(self):
        status = self.process.poll()
        if status is not None:
            raise Failure(f"the program ended with {status}; its log is {self.log_path.name}")

    def look(self):
        """The tree as it is now."""
        self.check_alive()
        application = self.world.bus.find_application(self.process.pid)
        if not application:
            raise Gone("the program is not on the accessibility bus")
        return self.world.bus.read_tree(application)

    def wait_for_window(self, seconds=20):
        """Until the window is on the screen and takes keys."""
        wait_until(lambda: self.look().children, seconds, "the window in the tree")
        wait_until(lambda: self.window, seconds, "the window on the screen")
        wait_until(lambda: self.is_active, seconds, "the window to be active")
        return self

    @property
    def windows(self):
        """X windows of the program that are on the screen."""
        self.check_alive()
        return xdotool("search", "--onlyvisible", "--pid", self.process.pid, "--name", ".").split()

    @property
    def window(self):
        """The X window of the main window, or None."""
        if not self._window:
            named = xdotool("search", "--onlyvisible", "--pid", self.process.pid, "--name", "Gloss")
            self._window = named.split()[0] if named.split() else None
        return self._window

    @property
    def is_active(self):
        return xdotool("getactivewindow").strip() in self.windows

    @property
    def title(self):
        return xdotool("getwindowname", self.window).rstrip("\n")

    def all(self, role=None, name=None, within=None):
        """Every widget of this role whose name is NAME, or else contains it. WITHIN: a Node of
        look (), to look at the same moment again."""
        exact, containing = [], []
        for node in (within or self.look()).walk():
            if role and node.role != role:
                continue
            if name is None or node.name == name:
                exact.append(node)
            elif name in node.name:
                containing.append(node)
        return exact or containing

    def get(self, role=None, name=None, within=None):
        """The first of them, at once, or None."""
        found = self.all(role, name, within)
        return found[0] if found else None

    def find(self, role=None, name=None, seconds=10):
        """The first of them, waited for."""
        what = f"{role or 'anything'} “{name}”" if name is not None else f"a {role}"
        return wait_until(lambda: self.get(role, name), seconds, what)

    def get_button(self, name, within=None):
        """A button that can be pressed: GTK 4.8 puts one button that cannot around some."""
        for node in self.all(None, name, within):
            if node.role in BUTTONS and node.is_sensitive_by_parents and "click" in node.actions:
                return node
        return None

    def button(self, name, seconds=10):
        return wait_until(lambda: self.get_button(name), seconds, f"the button “{name}”")

    def has_words(self, words, within=None):
        """Whether WORDS stand somewhere on the screen."""
        for node in (within or self.look()).walk():
            if words in node.name or (node.role == "text box" and words in node.text):
                return True
        return False

    def wait_for_words(self, words, seconds=10):
        wait_until(lambda: self.has_words(words), seconds, f"the words “{words}” on the screen")

    def detect(self, words):
        """Asks for boxes."""
        self.choose("Task", "Detect")
        self.fill("Things to find", words)
        self.key("Return")

    def wait_for_no_words(self, words, seconds=10):
        wait_until(lambda: not self.has_words(words), seconds, f"“{words}” to be gone")

    @property
    def caption_view(self):
        return self.find("text box", "Caption")

    @property
    def caption(self):
        """What stands in the text of the picture that is shown."""
        view = self.get("text box", "Caption")
        return view.text if view else None

    def wait_for_caption(self, caption, seconds=30):
        try:
            wait_until(lambda: self.caption == caption, seconds, f"the caption “{caption}”")
        except Failure as failure:
            raise Failure(f"{failure}; it is {self.caption!r}") from None

    @property
    def film_strip(self):
        """What is in the film strip and on the screen."""
        tree = self.look()
        strip = self.get("list", "Film strip", within=tree)
        return self.all("list item", within=strip) if strip else []

    @property
    def earlier(self):
        """The captions that the picture had before, the newest first, as they are read out."""
        tree = self.look()
        listed = self.get("list", "Earlier captions", within=tree)
        return self.all("list item", within=listed) if listed else []

    def generate(self, seconds=30):
        """Presses Generate or Regenerate, and returns when that is done."""
        button = wait_until(
            lambda: self.get_button("Generate") or self.get_button("Regenerate"), 10, "Generate"
        )
        button.do("click")
        # the demo model is done in a blink, and may have been before the first look
        end = time.monotonic() + 2
        while "sensitive" in button.states and time.monotonic() < end:
            pass
        wait_until(lambda: "sensitive" in button.states, seconds, "the end of the work")

    # -- doing

    def press(self, widget, action="click"):
        """WIDGET: a Node, or the name of a button."""
        if isinstance(widget, str):
            widget = self.button(widget)
        wait_until(lambda: "sensitive" in widget.states, 10, f"“{widget.name}” to be sensitive")
        names = widget.actions
        expect(action in names, f"“{widget.name}” has no action {action!r} but {names}")
        widget.do(action)

    def activate(self):
        """Makes sure that keys go to the program."""
        if not self.is_active:
            xdotool("windowactivate", "--sync", self.window)
            wait_until(lambda: self.is_active, 10, "the window to be active")

    def key(self, *keys):
        self.activate()
        xdotool("key", "--clearmodifiers", *keys)

    def type(self, text):
        self.activate()
        xdotool("type", "--clearmodifiers", "--delay", 8, text)

    @property
    def geometry(self):
        """(x, y, width, height) of the main window on the screen, with its shadow."""
        words = xdotool("getwindowgeometry", "--shell", self.window)
        values = dict(line.split("=") for line in words.split())
        return tuple(int(values[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))

    @property
    def border(self):
        """(left, right, top, bottom): how much wider the X window is than the widget."""
        said = run("xprop", "-id", self.window, "_GTK_FRAME_EXTENTS", text=True).stdout
        numbers = [int(number) for number in re.findall(r"\d+", said.partition("=")[2])]
        if len(numbers) == 4 and any(numbers):
            return numbers
        # without shadows GTK draws a border of its own and does not tell
        width, height = self.size
        x, y = (self.geometry[2] - width) // 2, (self.geometry[3] - height) // 2
        return [x, x, y, y]

    @property
    def size(self):
        """(width, height) of the window as it is seen."""
        return self.frame.extents[2:]

    def resize(self, width, height):
        """Asks for a size; the window may refuse to become so small."""
        left, right, top, bottom = self.border
        xdotool("windowsize", self.window, width + left + right, height + top + bottom)

    def move(self, x, y):
        xdotool("windowmove", self.window, x, y)
        wait_until(lambda: self.geometry[:2] == (x, y), 10, f"the window at {x}, {y}")

    def point_at(self, widget):
        """Where the middle of WIDGET is on the screen."""
        x, y, width, height = widget.extents
        window_x, window_y, _, _ = self.geometry
        left, _, top, _ = self.border
        return window_x + left + x + width // 2, window_y + top + y + height // 2

    @property
    def frame(self):
        """The main window in the tree."""
        for window in self.look().children:
            if "Gloss" in window.name:
                return window
        raise Failure("the main window is not in the tree")

    def click(self, widget, button=1):
        self.activate()
        x, y = self.point_at(widget)
        xdotool("mousemove", x, y, "click", button)

    def click_into(self, widget):
        """Puts the cursor into a text. One click in fifty is lost in the blink after a list was
        closed with the keyboard, when no person clicks: the second is not."""
        for _ in range(2):
            self.click(widget)
            with contextlib.suppress(Failure):
                return wait_until(lambda: "focused" in widget.states, 2)
        raise Failure(f"a click does not give “{widget.name}” the focus")

    def edit_caption(self):
        """Puts the cursor at the end of the caption."""
        view = self.caption_view
        wait_until(lambda: "editable" in view.states, 10, "the text to be editable")
        self.click_into(view)
        self.key("ctrl+End")

    def choose(self, combo_name, row_name):
        """Takes a row of a drop-down list, as a person does with the keyboard."""
        rows = self.open_list(combo_name)
        row = next((row for row in rows if row_name in row.words), None)
        expect(row, f"“{combo_name}” has no row “{row_name}”")
        self.focus_row(rows, row)
        self.key("Return")

        def is_chosen():
            combo = self.get("combo box", combo_name)
            is_closed = combo and not self.all("list item", within=combo)
            # a click beside a list that is still on the screen would only close it
            return is_closed and row_name in combo.words and len(self.windows) == 1

        wait_until(is_chosen, 10, f"“{row_name}” in “{combo_name}”")

    def focus_row(self, rows, row):
        """Goes down to ROW, one step after the other."""
        while "focused" not in row.states:
            focused = next((other for other in rows if "focused" in other.states), None)
            expect(focused != rows[-1], f"“{row.words}” cannot be reached by keyboard")
            self.key("Down")
            if focused:
                wait_until(lambda: "focused" not in focused.states, 10, "the next row")

    def open_list(self, combo_name):
        """The rows of a drop-down list, which is opened."""
        combo = self.find("combo box", combo_name)
        self.press(next(node for node in combo.walk() if "click" in node.actions))

        def get_rows():
            combo = self.get("combo box", combo_name)
            return self.all("list item", within=combo) if combo else []

        return wait_until(get_rows, 10, f"the rows of “{combo_name}”")

    def open_menu(self, name):
        self.press(self.button(name))
        wait_until(lambda: self.get("menu"), 10, f"the menu “{name}”")

    def choose_from_menu(self, menu_name, item_name):
        self.open_menu(menu_name)
        self.choose_item(item_name)

    def choose_item(self, item_name):
        def get_item():
            found = self.all(None, item_name)
            return next((node for node in found if node.role.startswith("menu item")), None)

        self.press(wait_until(get_item, 10, f"“{item_name}” in the menu"))
        wait_until(lambda: not self.get("menu"), 10, "the menu to close")

    def fill(self, name, text):
        """Clicks into a row and types."""
        row = self.find("text box", name)
        self.click_into(row)
        self.type(text)
        wait_until(lambda: row.text == text, 10, f"“{text}” in “{name}”; there is “{row.text}”")

    def fill_chooser(self, title, path):
        """Answers a file chooser by typing the path."""

        def is_ready():
            return self.get_dialog(title) and xdotool("getactivewindow", "getwindowname").strip() == title

        wait_until(is_ready, 10, f"the dialog “{title}”")
        self.type(str(path)[:1])

        def get_entry():
            dialog = self.get_dialog(title)
            return self.get("text box", within=dialog) if dialog else None

        entry = wait_until(get_entry, 10, "the row for a path")
        self.type(str(path)[1:])
        wait_until(lambda: entry.text.startswith(str(path)), 10, f"“{path}” in the row")
        self.key("Return")
        wait_until(lambda: not self.get_dialog(title), 10, f"the dialog “{title}” to close")

    def get_dialog(self, title):
        """The window of the program that has this title, or None."""
        return next((window for window in self.look().children if title in window.name), None)

    # -- given from outside

    def drop(self, *what):
        """Drags WHAT (arguments of drag-source) with the mouse from another window onto this."""
        self.move(0, 0)
        with DragSource(self.world, what) as source:
            source.drag_to(self)

    def drop_files(self, *paths):
        self.drop("files", *paths)

    # -- looking

    def screenshot(self, name, whole=False):
        """Keeps what is on the screen as NAME.png: the window, or WHOLE screen."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        x, y, width, height = self.geometry
        crop = [] if whole else ["-crop", f"{width}x{height}+{max(x, 0)}+{max(y, 0)}", "+repage"]
        done = run("import", "-window", "root", *crop, SCREENSHOTS / f"{name}.png", text=True)
        expect(done.returncode == 0, f"the screenshot {name} failed: {done.stderr}")

    # -- ending

    def close(self, *keys, seconds=20):
        self.key(*(keys or ("ctrl+q",)))
        return self.wait_for_end(seconds)

    def wait_for_end(self, seconds=20):
        try:
            status = self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"the program did not end within {seconds} s") from None
        expect_equal(status, 0, "exit status")

    def quit(self):
        self.close("ctrl+q")

    def kill(self):
        """As a crash or a power cut."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")


class DragSource:
    """A window of another program, from which things are dragged."""

    PLACE = (1300, 300)

    def __init__(self, world, what):
        self.world = world
        self.what = what

    def __enter__(self):
        expect(DRAG_SOURCE, "GLOSS_UI_DRAG_SOURCE is not set")
        self.said = self.world.home / "drag-source.log"
        with open(self.said, "wb") as log:
            self.process = subprocess.Popen(
                [DRAG_SOURCE, *(str(word) for word in self.what)],
                env=self.world.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
            )
        self.window = wait_until(
            lambda: xdotool(
                "search", "--onlyvisible", "--pid", self.process.pid, "--name", "Drag Source"
            ).split(),
            20,
            "the window to drag from",
        )[0]
        xdotool("windowmove", self.window, *self.PLACE)
        return self

    def __exit__(self, *ignored):
        self.process.kill()
        self.process.wait()

    def has_said(self, word):
        return word in self.said.read_text().split()

    def drag_to(self, program, release=True):
        def is_placed():
            words = xdotool("getwindowgeometry", "--shell", self.window)
            return f"X={self.PLACE[0]}" in words and f"Y={self.PLACE[1]}" in words

        wait_until(is_placed, 10, "the window to drag from in its place")
        x, y = self.PLACE[0] + 100, self.PLACE[1] + 100
        xdotool("mousemove", x, y)
        xdotool("mousedown", 1)

        offset = 0

        def begin():
            nonlocal offset
            offset += 4
            xdotool("mousemove", x - offset, y)
            return self.has_said("begin")

        wait_until(begin, 10, "the drag to begin")
        window_x, window_y, width, height = program.geometry
        goal_x, goal_y = window_x + width // 2, window_y + height // 2
        step = 0

        def hover():
            nonlocal step
            step += 1
            share = min(step / 8, 1)
            xdotool(
                "mousemove",
                int(x + (goal_x - x) * share) + step % 2,
                int(y + (goal_y - y) * share),
            )
            return share == 1 and self.has_said("accepted")

        wait_until(hover, 10, "the window to accept what hovers over it")
        if release:
            xdotool("mouseup", 1)
            wait_until(lambda: self.has_said("end"), 10, "the drag to end")


# --------------------------------------------------------------------------------------- the world


class World:
    """A home folder, and what is started in it."""

    def __init__(self, bus, name):
        self.bus = bus
        self.name = name
        self.slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="home-"))
        self.programs = []
        self.clipboard_owner = None
        self.comments = []
        self.environment = dict(os.environ)
        self.environment.update(
            HOME=str(self.home),
            XDG_CONFIG_HOME=str(self.home / ".config"),
            XDG_DATA_HOME=str(self.home / ".local/share"),
            XDG_CACHE_HOME=str(self.home / ".cache"),
            XDG_STATE_HOME=str(self.home / ".local/state"),
            GDK_BACKEND="x11",
            GSK_RENDERER="cairo",
            GDK_DEBUG="gl-disable",
            ADW_DISABLE_PORTAL="1",
            GTK_USE_PORTAL="0",
            GSETTINGS_BACKEND="keyfile",
        )
        self.write_gtk_settings("")

    def write_gtk_settings(self, more):
        folder = self.home / ".config" / "gtk-4.0"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.ini").write_text(
            "[Settings]\ngtk-font-name=Cantarell 11\ngtk-enable-animations=0\n"
            "gtk-recent-files-enabled=0\n" + more
        )

    def set_setting(self, key, value):
        """Writes a setting (VALUE as GVariant text) before the program is started."""
        folder = self.home / ".config" / "glib-2.0" / "settings"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "keyfile"
        text = path.read_text() if path.exists() else "[io/github/gloss/Gloss]\n"
        path.write_text(f"{text}{key}={value}\n")

    def get_setting(self, key):
        path = self.home / ".config" / "glib-2.0" / "settings" / "keyfile"
        if not path.exists():
            return None
        found = re.search(rf"^{re.escape(key)}=(.*)$", path.read_text(), re.MULTILINE)
        return found.group(1) if found else None

    def start(self, *arguments, wait=True, **environment):
        log_path = ARTEFACTS / f"{self.slug}.log"
        program = Program(
            self, [PROGRAM, *arguments], {**self.environment, **environment}, log_path
        )
        self.programs.append(program)
        return program.wait_for_window() if wait else program

    def comment(self, words):
        self.comments.append(words)

    def copy_picture(self, source=None, name=None):
        """One of the demo's pictures as a file in the home folder."""
        source = source or get_picture(2)
        path = self.home / "Pictures" / (name or source.name)
        path.parent.mkdir(exist_ok=True)
        shutil.copy(source, path)
        return path

    def copy_pictures(self, *numbers):
        return [self.copy_picture(get_picture(number)) for number in numbers]

    def make_model(self, kind):
        """The path of a model of holes; make-model.c says of which kinds."""
        folder = self.home / f"{kind}-model"
        folder.mkdir()
        tokenizer = DATA / "demo" / "tokenizer.model"
        more = [tokenizer] if kind == "slow" else []
        done = run(os.environ["GLOSS_UI_MAKE_MODEL"], kind, folder, *more, text=True)
        if done.returncode != 0:
            raise Skip(done.stderr.strip())
        shutil.copy(tokenizer, folder)
        return pathlib.Path(done.stdout.strip())

    # -- the clipboard

    def give_up_clipboard(self):
        if self.clipboard_owner:
            self.clipboard_owner.kill()
            self.clipboard_owner.wait()
            self.clipboard_owner = None

    def put_on_clipboard(self, mime_type, content):
        """CONTENT: a path, or text."""
        self.give_up_clipboard()
        path = content
        if isinstance(content, str):
            path = self.home / "clipboard"
            path.write_text(content)
        self.clipboard_owner = subprocess.Popen(
            ["xclip", "-quiet", "-selection", "clipboard", "-t", mime_type, "-i", str(path)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: mime_type in self.list_clipboard(), 10, f"{mime_type} on the clipboard")

    @staticmethod
    def list_clipboard():
        return run("xclip", "-selection", "clipboard", "-t", "TARGETS", "-o", text=True).stdout

    @staticmethod
    def read_clipboard():
        with contextlib.suppress(subprocess.TimeoutExpired):
            return run("xclip", "-selection", "clipboard", "-o", text=True, timeout=5).stdout
        return None

    # -- the end

    def end(self):
        self.give_up_clipboard()
        for program in self.programs:
            if program.process.poll() is None:
                program.process.kill()
                program.process.wait()
        xdotool("mouseup", 1)
        shutil.rmtree(self.home, ignore_errors=True)

    def close_all(self):
        """A case that succeeded ends its programs as a person would, and looks into their logs."""
        for program in self.programs:
            if program.process.poll() is None:
                program.quit()
        bad = [line for line in self.logged_lines() if BAD_LINE.search(line)]
        expect(not bad, "the program complained: " + "; ".join(bad[:5]))

    def logged_lines(self):
        for path in {program.log_path for program in self.programs}:
            for line in path.read_text(errors="replace").splitlines():
                if not HARMLESS.search(line):
                    yield line

    def keep_evidence(self):
        run("import", "-window", "root", ARTEFACTS / f"{self.slug}.png")
        lines = []
        for program in self.programs:
            if program.process.poll() is None:
                with contextlib.suppress(Gone, Failure):
                    lines += program.look().dump()
        (ARTEFACTS / f"{self.slug}.tree").write_text("\n".join(lines) + "\n")


def get_picture(number):
    """The demo's picture of this number, 1 to 14."""
    return next(PICTURES.glob(f"{number:02d}-*"))


def get_answers():
    """What the demo model says: captions.json by file name."""
    entries = json.loads((PICTURES / "captions.json").read_text())
    return {entry["file"]: entry for entry in entries}


def get_caption(number):
    return get_answers()[get_picture(number).name]["caption"]


def uri_of(path):
    return "file://" + urllib.parse.quote(str(path))


# ----------------------------------------------------------------------------------------- the TAP

cases = []


def case(path):
    """Registers a function that gets a World. PATH reads like /ui/open/one-file-should-be-shown."""

    def register(function):
        cases.append((path, function))
        return function

    return register


class Skip(Exception):
    """The case cannot be run here."""


def run_case(bus, number, path, function):
    world = World(bus, path)
    start = time.monotonic()
    verdict, words = "ok", ""
    try:
        function(world)
        world.close_all()
    except Skip as skip:
        words = f" # SKIP {skip}"
    except Exception as error:  # whatever it is, the other cases are run
        verdict = "not ok"
        world.comments += [f"{type(error).__name__}: {error}", *traceback.format_exc().splitlines()]
        world.keep_evidence()
    finally:
        world.end()
    for comment in world.comments:
        print(f"# {comment}")
    print(f"{verdict} {number} {path}{words}", flush=True)
    print(f"# {time.monotonic() - start:.1f} s", flush=True)
    return verdict == "ok"


def run_cases():
    """Runs the cases whose paths contain one of the program's arguments, or all."""
    bus = atspi_tree.Bus(CALL_TIMEOUT_SECONDS)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    wanted = [
        (path, function)
        for path, function in cases
        if not sys.argv[1:] or any(word in path for word in sys.argv[1:])
    ]
    print("TAP version 13", flush=True)
    print(f"1..{len(wanted)}", flush=True)
    good = [run_case(bus, i + 1, path, function) for i, (path, function) in enumerate(wanted)]
    # TAP says what failed; the status is for a person
    sys.exit(0 if all(good) else 1)
