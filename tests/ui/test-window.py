"""The window itself: its size, its parts at every size, and how its states look."""
from gloss_ui import *

NARROW = 360


def wait_for_size(program, size):
    wait_until(lambda: program.size == size, 10, f"a window of {size}; it is {program.size}")


def list_controls(program):
    """What a person can press or fill in, on the screen."""
    roles = (*BUTTONS, "text box", "combo box")
    return [node for node in program.look().walk() if node.role in roles and node.extents]


def expect_nothing_clipped(program):
    """Every control within the window, but for what can be scrolled to."""
    width, height = program.size
    for node in list_controls(program):
        x, y, w, h = node.extents
        words = f"{node.role} “{node.name}” at {x},{y} {w}×{h} in a window of {width}×{height}"
        expect(x >= 0 and x + w <= width, f"clipped: {words}")
        expect(y >= 0, f"clipped: {words}")
        is_scrolled = node.is_below("GlossEmptyPage", "GlossTaskPicker", "GlossCaptionText", "GlossHistoryList")
        expect(is_scrolled or y + h <= height, f"clipped: {words}")


@case("/ui/window/the-size-should-be-kept")
def _(world):
    program = world.start()
    program.resize(900, 600)
    wait_for_size(program, (900, 600))
    program.quit()
    program = world.start()
    wait_for_size(program, (900, 600))
    program.quit()
    program = world.start()
    wait_for_size(program, (900, 600))


@case("/ui/window/maximized-should-be-kept-and-undone")
def _(world):
    program = world.start()
    before = program.size
    program.press("Maximize")
    wait_until(lambda: program.size[0] >= 1590, 10, "the window to fill the screen")
    program.quit()
    program = world.start()
    wait_until(lambda: program.size[0] >= 1590, 10, "the window to fill the screen")
    program.press("Maximize")
    wait_for_size(program, before)


@case("/ui/window/on-360-pixels-nothing-should-be-clipped")
def _(world):
    # as GNOME has it
    world.write_gtk_settings("gtk-decoration-layout=appmenu:close\n")
    paths = world.copy_pictures(3, 2, 1)
    program = world.start()
    program.resize(NARROW, 640)
    wait_for_size(program, (NARROW, 640))
    expect_nothing_clipped(program)
    program.screenshot("narrow-empty")
    program.drop_files(paths[0])
    program.wait_for_caption(get_caption(3))
    wait_for_size(program, (NARROW, 640))
    expect_nothing_clipped(program)
    program.screenshot("narrow")
    program.drop_files(*paths[1:])
    wait_until(lambda: program.film_strip, 10, "the film strip")
    wait_for_size(program, (NARROW, 640))
    expect_nothing_clipped(program)
    program.screenshot("narrow-film-strip")


@case("/ui/window/at-the-usual-size-nothing-should-be-clipped")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    expect_nothing_clipped(program)
    program.edit_caption()
    program.type(" or two")
    wait_until(lambda: program.earlier, 10, "an earlier caption")
    expect_nothing_clipped(program)


@case("/ui/window/with-text-of-twice-the-size-nothing-should-be-clipped")
def _(world):
    # as the text scaling of desktops does it
    (world.home / ".Xdefaults").write_text("Xft.dpi: 192\n")
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.screenshot("large-text")
    expect_nothing_clipped(program)


@case("/ui/window/on-a-screen-of-twice-the-resolution-nothing-should-be-clipped")
def _(world):
    program = world.start(world.copy_picture(), GDK_SCALE="2")
    program.wait_for_caption(get_caption(2))
    program.screenshot("twice-the-resolution")
    expect_nothing_clipped(program)


@case("/ui/window/with-three-buttons-of-its-own-it-should-still-fit-360-pixels")
def _(world):
    world.write_gtk_settings("gtk-decoration-layout=menu:minimize,maximize,close\n")
    program = world.start(world.copy_picture(get_picture(3)))
    program.wait_for_caption(get_caption(3))
    program.resize(NARROW + 60, 640)
    wait_until(lambda: program.size[0] < 500, 10, "a narrow window")
    program.resize(NARROW, 640)
    wait_for_size(program, (NARROW, 640))
    expect_nothing_clipped(program)


@case("/ui/window/the-empty-page-should-be-seen")
def _(world):
    program = world.start()
    program.wait_for_words("Drop a Picture Here")
    program.screenshot("empty")


@case("/ui/window/a-captioned-picture-should-be-seen")
def _(world):
    program = world.start(world.copy_picture(get_picture(3)))
    program.wait_for_caption(get_caption(3))
    program.edit_caption()
    program.type(" carpet")
    wait_until(lambda: program.earlier, 10, "an earlier caption")
    program.screenshot("captioned")


@case("/ui/window/dark-should-be-seen")
def _(world):
    paths = world.copy_pictures(*range(1, 15))
    program = world.start(paths[0].parent, ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    program.press("Caption All Without Captions")
    program.wait_for_words("14 of 14 captioned", 60)
    program.screenshot("dark")
    # a patch of the pane without anything in it
    patch = ["-crop", "40x40+800+420", "+repage", "-scale", "1x1!", "-format", "%[fx:intensity]", "info:"]
    light = float(run("convert", SCREENSHOTS / "dark.png", *patch, text=True).stdout)
    expect(light < 0.3, f"the dark window is light: {light}")


@case("/ui/window/high-contrast-should-be-seen")
def _(world):
    program = world.start(world.copy_picture(), ADW_DEBUG_HIGH_CONTRAST="1")
    program.wait_for_caption(get_caption(2))
    program.screenshot("high-contrast")


@case("/ui/window/menus-and-windows-should-be-seen")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.open_menu("Main Menu")
    program.screenshot("main-menu")
    program.key("Escape")
    program.key("ctrl+comma")
    wait_until(lambda: len(program.windows) == 2, 10, "the preferences")
    program.screenshot("preferences", whole=True)
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the preferences to close")
    program.key("ctrl+question")
    wait_until(lambda: len(program.windows) == 2, 10, "the shortcuts")
    program.screenshot("shortcuts", whole=True)
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the shortcuts to close")
    program.choose_from_menu("Main Menu", "About Gloss")
    wait_until(lambda: len(program.windows) == 2, 10, "the window about Gloss")
    program.screenshot("about", whole=True)
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the window about Gloss to close")


@case("/ui/window/zoom-should-answer-to-buttons-and-keys")
def _(world):
    program = world.start(world.copy_picture(get_picture(3)))
    program.wait_for_caption(get_caption(3))
    fit = program.button("Fit in Window")
    expect("pressed" in fit.states, "a picture is not fitted at first")
    program.press("Full Size")
    wait_until(lambda: "pressed" not in fit.states, 10, "the picture in full size")
    program.screenshot("full-size")
    program.key("ctrl+0")
    wait_until(lambda: "pressed" in fit.states, 10, "the picture fitted")
    program.key("ctrl+plus")
    wait_until(lambda: "pressed" not in fit.states, 10, "the picture larger")
    program.key("ctrl+0")
    program.press("What the Model Sees")
    view = program.button("What the Model Sees")
    wait_until(lambda: "pressed" in view.states, 10, "what the model sees")
    program.screenshot("model-view")
    program.key("ctrl+m")
    wait_until(lambda: "pressed" not in view.states, 10, "the picture again")


run_cases()
