"""How words come about."""
from gloss_ui import *


def start_with_slow_model(world, *paths):
    world.set_setting("model", f"'{world.make_model('slow')}'")
    return world.start(*paths)


@case("/ui/caption/generate-should-say-what-the-engine-says")
def _(world):
    program = world.start(*world.copy_pictures(1, 2, 3))
    expect_equal(program.caption, "", "caption of a picture that nobody asked about")
    program.press("Generate")
    program.wait_for_caption(get_caption(1))
    program.key("ctrl+Down")
    program.wait_for_caption("")
    program.key("ctrl+Return")
    program.wait_for_caption(get_caption(2))


@case("/ui/caption/regenerate-should-keep-what-was-said-once")
def _(world):
    program = world.start(world.copy_picture(get_picture(3)))
    program.wait_for_caption(get_caption(3))
    said = [get_caption(3)]
    for _ in range(5):
        program.generate()
        caption = program.caption
        expect(caption, "Regenerate left no caption")
        if caption in said:
            said.remove(caption)
        said.insert(0, caption)
        rows = program.earlier
        expect_equal(len(rows), len(said) - 1, f"earlier captions after {said}")
        for row, words in zip(rows, said[1:]):
            expect(row.name.startswith(words + ","), f"“{row.name}” in the place of “{words}”")
    world.comment(f"said: {said}")


@case("/ui/caption/an-earlier-one-should-be-taken-back-by-its-row")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.edit_caption()
    program.type(" and a table")
    program.wait_for_caption(get_caption(2) + " and a table")
    row = wait_until(lambda: program.earlier, 10, "an earlier caption")[0]
    expect(row.name.startswith(get_caption(2)), f"the earlier caption is “{row.name}”")
    program.click(row)
    program.wait_for_caption(get_caption(2))
    rows = program.earlier
    expect_equal(len(rows), 1, "earlier captions")
    expect(rows[0].name.startswith(get_caption(2) + " and a table"), rows[0].name)


@case("/ui/caption/the-cursor-in-the-text-should-not-be-in-the-way")
def _(world):
    """GTK's cursor blinks every 1.2 s, and once brought the program down."""
    program = world.start(*world.copy_pictures(1, 2))
    program.edit_caption()
    program.type("mine")
    program.wait_for_caption("mine")
    program.open_menu("Main Menu")
    program.choose_item("Caption All Without Captions")
    program.key("ctrl+Down")
    program.wait_for_caption(get_caption(2))
    end = time.monotonic() + 3
    wait_until(lambda: program.look() and time.monotonic() > end, 10, "three seconds of life")


@case("/ui/caption/start-with-should-be-the-beginning")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.fill("Start caption with", "an orange and")
    program.key("Return")
    wait_until(lambda: program.earlier, 30, "another caption")
    expect(program.caption.startswith("an orange and"), f"the caption is “{program.caption}”")


@case("/ui/caption/while-it-works-it-should-say-at-what")
def _(world):
    program = start_with_slow_model(world, world.copy_picture())
    program.find("progress bar", seconds=60)
    program.wait_for_words("Looking, ", 60)
    program.wait_for_words(" of 27", 60)
    program.screenshot("busy")
    program.press("Stop")
    program.button("Generate", 30)


@case("/ui/caption/stop-should-be-obeyed-at-once")
def _(world):
    program = start_with_slow_model(world, world.copy_picture())
    program.wait_for_words("Looking, ", 60)
    generate = program.find("button", "Generate")
    program.activate()
    xdotool("mousemove", *program.point_at(program.button("Stop")))
    start = time.monotonic()
    # pressed through AT-SPI, GTK shows a button pressed for a quarter of a second first
    xdotool("click", 1)
    while "sensitive" not in generate.states and time.monotonic() - start < 20:
        pass
    seconds = time.monotonic() - start
    world.comment(f"from the click on Stop to Generate: {seconds * 1000:.0f} ms")
    expect(seconds < 3 * PATIENCE, f"it took {seconds:.1f} s to stop")
    program.button("Generate")
    expect_equal(program.caption, "", "caption of a picture about which nothing was said")


@case("/ui/caption/stop-should-have-a-key")
def _(world):
    program = start_with_slow_model(world, world.copy_picture())
    program.wait_for_words("Looking, ", 60)
    program.key("ctrl+period")
    program.button("Generate", 20)


@case("/ui/caption/closing-while-it-works-should-not-wait-for-the-end")
def _(world):
    program = start_with_slow_model(world, world.copy_picture())
    program.wait_for_words("Looking, ", 60)
    start = time.monotonic()
    program.quit()
    world.comment(f"from Ctrl+Q to the end while it works: {time.monotonic() - start:.2f} s")


@case("/ui/caption/another-picture-should-be-shown-while-one-is-being-captioned")
def _(world):
    first, second = world.copy_pictures(2, 4)
    program = start_with_slow_model(world, first, second)
    program.key("ctrl+Return")
    program.wait_for_words("Looking, ", 60)
    program.key("ctrl+Down")
    wait_until(lambda: second.name in program.title, 10, "the second picture in the title")
    program.button("Generate", 10)
    program.key("ctrl+Up")
    program.button("Stop", 10)
    program.key("ctrl+period")


@case("/ui/detect/an-orange-should-be-found-and-named")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.detect("orange")
    program.button("orange")
    # the codes are in the text and not on the screen
    expect_equal(program.caption.strip(), "orange", "what is seen of the answer")
    program.screenshot("boxes")


@case("/ui/detect/nothing-to-look-for-should-be-told")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.choose("Task", "Detect")
    program.press("Regenerate")
    program.wait_for_words("Things to find")
    program.wait_for_words("Fill in the row first")


@case("/ui/detect/boxes-should-follow-the-picture")
def _(world):
    program = world.start(*world.copy_pictures(2, 4))
    program.detect("orange")
    program.button("orange")
    program.key("ctrl+Down")
    wait_until(lambda: not program.get_button("orange"), 10, "no box of the other picture")
    program.key("ctrl+Up")
    program.button("orange")


def get_focused(program):
    return next((row.name for row in program.all("list item") if "focused" in row.state_words), None)


def is_possible(row):
    """Whether a row of a list is neither dim nor says why not."""
    return all("sensitive" in node.state_words for node in row.walk())


@case("/ui/task/what-the-demo-cannot-do-should-be-dim-with-a-reason")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    rows = program.open_list("Task")
    possible = sorted(row.name for row in rows if is_possible(row))
    expect_equal(possible, ["Caption", "Detect"], "possible tasks")
    expect_equal(len(rows), 8, "tasks")
    for row in rows:
        expect(is_possible(row) or "demo" in row.name, f"“{row.name}” has no reason")
    program.screenshot("tasks")
    program.key("Escape")
    program.open_list("Language")
    # of the long list, only those on the screen are there
    seen = {}
    while "English" not in seen:
        for row in program.all("list item"):
            seen[row.name.split(",")[0]] = is_possible(row)
        focused = get_focused(program)
        program.key("Down")
        wait_until(lambda: get_focused(program) != focused, 10, "the next language")
    possible = [name for name, is_possible_one in seen.items() if is_possible_one]
    expect_equal(possible, ["English"], "possible languages")
    program.key("Escape")


@case("/ui/task/what-cannot-be-done-should-not-be-chosen")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    rows = program.open_list("Task")
    segment = next(row for row in rows if "Segment" in row.words)
    program.focus_row(rows, segment)
    program.key("Return")
    program.key("Escape")
    wait_until(
        lambda: "Caption" in program.get("combo box", "Task").words, 10, "Caption in the list"
    )


@case("/ui/task/with-a-real-model-every-task-should-be-possible")
def _(world):
    program = start_with_slow_model(world)
    program.press(program.button("three seagulls"))
    rows = program.open_list("Task")
    expect_equal([row.name for row in rows if not is_possible(row)], [], "tasks that are dim")
    program.key("Escape")
    program.key("ctrl+period")


run_cases()
