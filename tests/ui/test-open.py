"""How pictures come in."""
from gloss_ui import *


def expect_picture(program, path, seconds=20):
    wait_until(lambda: path.name in program.title, seconds, f"“{path.name}” in the title")


def count_thumbnails(program):
    return len(program.film_strip)


@case("/ui/open/without-files-the-window-should-say-what-to-do")
def _(world):
    program = world.start()
    program.wait_for_words("Drop a Picture Here")
    expect(program.button("Open Pictures"), "there is no button")
    expect_equal(program.title, "Gloss", "title")


@case("/ui/open/a-sample-picture-should-be-captioned-by-one-press")
def _(world):
    program = world.start()
    program.press("three seagulls")
    program.wait_for_caption(get_caption(1))


@case("/ui/open/a-file-on-the-command-line-should-be-captioned")
def _(world):
    path = world.copy_picture()
    program = world.start(path)
    expect_picture(program, path)
    program.wait_for_caption(get_caption(2))


@case("/ui/open/a-second-start-should-open-in-the-same-window")
def _(world):
    first, second = world.copy_pictures(2, 4)
    program = world.start(first)
    expect_picture(program, first)
    other = world.start(second, wait=False)
    other.wait_for_end()
    expect_picture(program, second)
    expect_equal(len(program.windows), 1, "windows")
    wait_until(lambda: count_thumbnails(program) == 2, 10, "two pictures in the film strip")


@case("/ui/open/the-dialog-should-work-by-keyboard")
def _(world):
    path = world.copy_picture()
    program = world.start()
    program.key("ctrl+o")
    program.fill_chooser("Open Pictures", path)
    expect_picture(program, path)
    program.wait_for_caption(get_caption(2))


@case("/ui/open/the-folder-dialog-should-open-what-is-in-it")
def _(world):
    paths = world.copy_pictures(2, 4, 6)
    program = world.start()
    program.key("ctrl+shift+o")
    program.fill_chooser("Open Folder", paths[0].parent)
    expect_picture(program, paths[0])
    wait_until(lambda: count_thumbnails(program) == 3, 10, "three pictures in the film strip")


@case("/ui/open/a-folder-on-the-command-line-should-wait-to-be-asked")
def _(world):
    paths = world.copy_pictures(2, 4, 6)
    program = world.start(paths[0].parent)
    expect_picture(program, paths[0])
    wait_until(lambda: count_thumbnails(program) == 3, 10, "three pictures in the film strip")
    program.button("Generate")
    expect_equal(program.caption, "", "caption of a picture that nobody asked about")


@case("/ui/open/an-empty-folder-should-be-told")
def _(world):
    folder = world.home / "Nothing here"
    folder.mkdir()
    program = world.start(folder)
    program.wait_for_words("no pictures")
    program.wait_for_words("Nothing here")
    program.wait_for_words("Drop a Picture Here")


@case("/ui/drop/one-picture-should-be-captioned")
def _(world):
    path = world.copy_picture()
    program = world.start()
    program.drop_files(path)
    expect_picture(program, path)
    program.wait_for_caption(get_caption(2))


@case("/ui/drop/three-pictures-should-wait-to-be-asked")
def _(world):
    paths = world.copy_pictures(2, 4, 6)
    program = world.start()
    program.drop_files(*paths)
    expect_picture(program, paths[0])
    wait_until(lambda: count_thumbnails(program) == 3, 10, "three pictures in the film strip")
    expect_equal(program.caption, "", "caption of a picture that nobody asked about")


@case("/ui/drop/a-folder-should-be-opened")
def _(world):
    paths = world.copy_pictures(2, 4, 6)
    program = world.start()
    program.drop_files(paths[0].parent)
    expect_picture(program, paths[0])
    wait_until(lambda: count_thumbnails(program) == 3, 10, "three pictures in the film strip")


@case("/ui/drop/pixels-should-be-captioned")
def _(world):
    program = world.start()
    program.drop("texture", get_picture(2))
    program.wait_for_caption(get_caption(2))


@case("/ui/drop/a-list-of-addresses-should-be-opened")
def _(world):
    path = world.copy_picture(name="a name with spaces – ä.png")
    program = world.start()
    program.drop("uris", uri_of(path) + "\r\n")
    program.wait_for_caption(get_caption(2))
    expect_picture(program, path)


@case("/ui/drop/while-something-hovers-the-window-should-say-so")
def _(world):
    program = world.start()
    program.move(0, 0)
    with DragSource(world, ["files", world.copy_picture()]) as source:
        source.drag_to(program, release=False)
        program.wait_for_words("Drop to Caption")
        program.screenshot("drop")
        xdotool("mousemove", 1560, 960)
        program.wait_for_no_words("Drop to Caption")
        xdotool("mouseup", 1)
        wait_until(lambda: source.has_said("cancel"), 10, "the end of the drag")
    program.wait_for_words("Drop a Picture Here")


@case("/ui/drop/afterwards-nothing-should-be-left-of-it")
def _(world):
    program = world.start(world.copy_picture(get_picture(4)))
    program.wait_for_caption(get_caption(4))
    left, _, _, bottom = program.border
    width, height = program.size

    def get_edge():
        """Colours of the left edge, where an outline would be."""
        program.screenshot("dropped")
        crop = f"1x{height - 200}+{left}+100"
        edge = run("convert", SCREENSHOTS / "dropped.png", "-crop", crop, "+repage", "-unique-colors", "txt:")
        return edge.stdout

    before = get_edge()
    program.drop_files(world.copy_picture(get_picture(4)))
    xdotool("mousemove", 1560, 960)
    program.wait_for_no_words("Drop to Caption")
    wait_until(lambda: get_edge() == before, 5, "the edge of the window as before the drop")


@case("/ui/drop/what-is-open-should-stay")
def _(world):
    first, second = world.copy_pictures(2, 4)
    program = world.start(first)
    program.wait_for_caption(get_caption(2))
    program.drop_files(second)
    program.wait_for_caption(get_caption(4))
    program.key("ctrl+Up")
    program.wait_for_caption(get_caption(2))


@case("/ui/paste/pixels-should-be-captioned")
def _(world):
    program = world.start()
    world.put_on_clipboard("image/png", get_picture(2))
    program.key("ctrl+v")
    program.wait_for_caption(get_caption(2))


@case("/ui/paste/files-should-be-opened")
def _(world):
    first, second = world.copy_pictures(2, 4)
    program = world.start()
    world.put_on_clipboard("text/uri-list", f"{uri_of(first)}\r\n{uri_of(second)}\r\n")
    program.key("ctrl+v")
    expect_picture(program, first)
    wait_until(lambda: count_thumbnails(program) == 2, 10, "two pictures in the film strip")


@case("/ui/paste/the-menu-should-do-it-too")
def _(world):
    path = world.copy_picture()
    program = world.start()
    world.put_on_clipboard("text/uri-list", f"{uri_of(path)}\r\n")
    program.choose_from_menu("More Ways to Open", "Paste Picture")
    program.wait_for_caption(get_caption(2))


@case("/ui/paste/words-should-go-into-the-text")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    world.put_on_clipboard("UTF8_STRING", " and more")
    program.edit_caption()
    program.key("ctrl+v")
    program.wait_for_caption(get_caption(2) + " and more")


@case("/ui/paste/nothing-to-paste-should-be-told")
def _(world):
    program = world.start()
    world.put_on_clipboard("UTF8_STRING", "no picture")
    program.choose_from_menu("More Ways to Open", "Paste Picture")
    program.wait_for_words("no picture on the clipboard")


@case("/ui/broken/a-file-that-is-no-picture-should-be-told-in-words")
def _(world):
    good = world.copy_picture()
    bad = world.home / "Pictures" / "broken.jpg"
    bad.write_text("This is not a picture.\n")
    program = world.start(good)
    program.wait_for_caption(get_caption(2))
    program.drop_files(bad)
    expect_picture(program, bad)
    program.wait_for_words("broken.jpg: ")
    program.screenshot("error")
    program.key("ctrl+Up")
    program.wait_for_caption(get_caption(2))


@case("/ui/broken/a-picture-that-was-mended-should-be-read-by-try-again")
def _(world):
    path = world.copy_picture()
    whole = path.read_bytes()
    path.write_bytes(whole[:3000])
    program = world.start(path)
    program.wait_for_words("This Picture Cannot Be Shown")
    program.screenshot("unreadable")
    path.write_bytes(whole)
    program.press("Try Again")
    program.wait_for_caption(get_caption(2))
    program.wait_for_no_words("This Picture Cannot Be Shown")
    program.button("Fit in Window")


@case("/ui/broken/a-file-that-is-gone-should-be-told-in-words")
def _(world):
    program = world.start(world.home / "gone.png")
    program.wait_for_words("gone.png: ")


@case("/ui/broken/a-picture-that-cannot-be-read-among-others-should-not-stop-them")
def _(world):
    paths = world.copy_pictures(2, 4)
    (paths[0].parent / "03.png").write_bytes(get_picture(3).read_bytes()[:500])
    program = world.start(paths[0].parent)
    wait_until(lambda: count_thumbnails(program) == 3, 10, "three pictures in the film strip")
    program.key("ctrl+shift+Return")
    program.wait_for_caption(get_caption(2))
    program.key("ctrl+Down")
    program.wait_for_words("03.png")
    program.button("Try Again")
    program.key("ctrl+Down")
    program.wait_for_caption(get_caption(4))


run_cases()
