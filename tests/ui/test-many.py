"""More than one picture."""
from desktop import Desktop
from gloss_ui import *

SUSPEND = 4  # of GtkApplicationInhibitFlags

N_MANY = 5000


def wait_for_picture(program, path):
    wait_until(lambda: path.name in program.title, 10, f"“{path.name}” in the title")


@case("/ui/many/keys-should-go-through-the-pictures")
def _(world):
    paths = world.copy_pictures(*range(1, 15))
    program = world.start(paths[0].parent)
    wait_for_picture(program, paths[0])
    for path in paths[1:]:
        program.key("ctrl+Down")
        wait_for_picture(program, path)
    program.key("ctrl+Down")
    for path in reversed(paths[:-1]):
        program.key("alt+Left")
        wait_for_picture(program, path)
    program.key("ctrl+Up")
    wait_for_picture(program, paths[0])


@case("/ui/many/the-film-strip-should-be-pressed-and-walked")
def _(world):
    paths = world.copy_pictures(*range(1, 15))
    program = world.start(paths[0].parent)
    items = wait_until(lambda: len(program.film_strip) >= 5 and program.film_strip, 10, "a film strip")
    program.click(items[2])
    wait_for_picture(program, paths[2])
    program.key("Right")
    wait_for_picture(program, paths[3])
    program.key("End")
    wait_for_picture(program, paths[13])
    program.key("Home")
    wait_for_picture(program, paths[0])


@case("/ui/many/caption-all-should-caption-those-without")
def _(world):
    paths = world.copy_pictures(*range(1, 15))
    program = world.start(paths[0].parent)
    wait_for_picture(program, paths[0])
    program.edit_caption()
    program.type("my own words")
    program.wait_for_caption("my own words")
    start = time.monotonic()
    program.choose_from_menu("Main Menu", "Caption All Without Captions")
    for path in paths[1:]:
        program.key("ctrl+Down")
        wait_for_picture(program, path)
    program.wait_for_caption(get_caption(14), 60)
    world.comment(f"13 pictures captioned in {time.monotonic() - start:.1f} s, keys included")
    for number in reversed(range(2, 14)):
        program.key("ctrl+Up")
        program.wait_for_caption(get_caption(number))
    program.key("ctrl+Up")
    program.wait_for_caption("my own words")
    program.screenshot("film-strip")


@case("/ui/many/the-film-strip-should-say-what-state-each-is-in")
def _(world):
    paths = world.copy_pictures(1, 2, 3)
    bad = paths[0].parent / "04.png"
    bad.write_text("no picture")
    program = world.start(paths[0].parent)
    wait_for_picture(program, paths[0])
    wait_until(lambda: len(program.film_strip) == 4, 10, "four pictures in the film strip")

    def get_states():
        """What a screen reader says of each."""
        return [item.name for item in program.film_strip]

    wait_until(
        lambda: all("no caption" in words for words in get_states()), 10, "“no caption yet” four times"
    )
    program.wait_for_words("0 of 4 captioned")
    program.edit_caption()
    program.type("mine")
    wait_until(lambda: "edited" in get_states()[0], 10, "“edited” of the first")
    program.key("ctrl+shift+Return")
    wait_until(
        lambda: all("captioned" in words for words in get_states()[1:3]), 30, "“captioned” of two"
    )
    wait_until(lambda: "failed" in get_states()[3], 30, "“failed” of the last")
    expect("edited" in get_states()[0], "the edited one is not edited any more")
    program.wait_for_words("3 of 4 captioned")


@case("/ui/many/the-work-should-be-counted-and-stopped")
def _(world):
    world.set_setting("model", f"'{world.make_model('slow')}'")
    paths = world.copy_pictures(1, 2, 3)
    program = world.start(paths[0].parent)
    wait_for_picture(program, paths[0])
    program.press("Caption All Without Captions")
    program.wait_for_words("0 of 3", 60)
    program.button("Stop", 60)
    wait_until(lambda: "being captioned" in program.film_strip[0].name, 10, "“being captioned”")
    program.press("Stop Captioning")
    program.button("Generate", 30)
    program.wait_for_words("0 of 3 captioned")
    program.button("Caption All Without Captions")


@case("/ui/many/the-machine-should-stay-awake-and-the-end-be-told-to-who-looks-elsewhere")
def _(world):
    desktop = Desktop()
    try:
        paths = world.copy_pictures(1, 2, 3)
        (paths[0].parent / "04.png").write_text("no picture")
        program = world.start(paths[0].parent)
        wait_until(lambda: len(program.film_strip) == 4, 10, "four pictures in the film strip")
        program.press("Caption All Without Captions")
        xdotool("windowminimize", program.window)
        wait_until(lambda: desktop.notifications, 30, "a notification")
        title, words = desktop.notifications[0]
        expect_equal(title, "Captions Are Ready", "title")
        expect_equal(
            words, "3 pictures were captioned · 1 picture could not be captioned", "notification"
        )
        expect_equal(desktop.inhibitions, [("Pictures are being captioned", SUSPEND)], "inhibitions")
        wait_until(lambda: desktop.n_inhibited == 0, 10, "the machine to be free to sleep")
        program.activate()
        wait_for_picture(program, paths[0])
        program.press("Show")
        wait_for_picture(program, paths[0].parent / "04.png")
    finally:
        desktop.end()


@case("/ui/many/a-batch-should-go-on-while-another-picture-is-looked-at")
def _(world):
    paths = world.copy_pictures(*range(1, 15))
    program = world.start(paths[0].parent)
    wait_for_picture(program, paths[0])
    program.press("Caption All Without Captions")
    program.key("ctrl+Down")
    program.wait_for_words("14 of 14 captioned", 60)


@case("/ui/many/the-same-picture-should-not-be-listed-twice")
def _(world):
    paths = world.copy_pictures(1, 2, 3)
    program = world.start(paths[0].parent)
    wait_until(lambda: len(program.film_strip) == 3, 10, "three pictures")
    program.drop_files(paths[2])
    wait_for_picture(program, paths[2])
    expect_equal(len(program.film_strip), 3, "pictures")


@case("/ui/many/the-list-can-be-emptied")
def _(world):
    program = world.start(world.copy_pictures(1, 2, 3)[0].parent)
    wait_until(lambda: len(program.film_strip) == 3, 10, "three pictures")
    program.choose_from_menu("More Ways to Open", "Close Pictures")
    program.wait_for_words("Drop a Picture Here")
    expect_equal(program.title, "Gloss", "title")


@case("/ui/many/five-thousand-pictures-should-open-and-the-window-answer")
def _(world):
    folder = world.home / "many"
    folder.mkdir()
    for number in range(N_MANY):
        os.link(world.copy_picture() if number == 0 else folder / "00000.png", folder / f"{number:05d}.png")
    program = world.start()
    start = time.monotonic()
    program.drop_files(folder)
    wait_until(lambda: "00000.png" in program.title, 60, "the first in the title")
    world.comment(f"{N_MANY} pictures shown after {time.monotonic() - start:.2f} s, the drag included")
    worst = 0
    for _ in range(10):
        before = time.monotonic()
        program.look()
        worst = max(worst, time.monotonic() - before)
    world.comment(f"longest look at the window while they load: {worst * 1000:.0f} ms")
    expect(worst < 3 * PATIENCE, f"the window did not answer for {worst:.1f} s")
    program.key("ctrl+Down")
    wait_until(lambda: "00001.png" in program.title, 20, "the second in the title")
    program.click(program.film_strip[0])
    before = time.monotonic()
    program.key("End")
    wait_until(lambda: f"{N_MANY - 1:05d}.png" in program.title, 30, "the last in the title")
    world.comment(f"to the last after {(time.monotonic() - before) * 1000:.0f} ms")
    program.key("ctrl+Return")
    program.wait_for_caption(get_caption(2), 60)
    kilobytes = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{program.process.pid}/status").read_text())
    world.comment(f"most memory: {int(kilobytes.group(1)) // 1024} MB")


run_cases()
