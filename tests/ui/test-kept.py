"""What is still there afterwards."""
from gloss_ui import *


def start(world, path, caption=None):
    program = world.start(path)
    program.wait_for_caption(caption or get_caption(2))
    return program


@case("/ui/kept/a-caption-should-be-there-after-reopening")
def _(world):
    path = world.copy_picture()
    start(world, path).quit()
    program = world.start(path)
    program.wait_for_caption(get_caption(2))
    program.button("Regenerate")
    expect_equal(program.earlier, [], "earlier captions: it was not generated again")


@case("/ui/kept/an-edit-should-be-there-after-reopening")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    program.edit_caption()
    program.type(" on a plate")
    program.wait_for_caption(get_caption(2) + " on a plate")
    program.quit()
    program = start(world, path, get_caption(2) + " on a plate")
    rows = wait_until(lambda: program.earlier, 10, "the earlier caption")
    expect_equal(len(rows), 1, "earlier captions")
    expect(rows[0].name.startswith(get_caption(2)), rows[0].name)


@case("/ui/kept/a-word-should-survive-a-crash-half-a-second-later")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    program.edit_caption()
    program.type(" unforgettable ")
    program.wait_for_caption(get_caption(2) + " unforgettable ")
    # the promise is about this very time
    time.sleep(0.5 * PATIENCE)
    program.kill()
    start(world, path, get_caption(2) + " unforgettable ")


@case("/ui/kept/a-caption-should-survive-a-crash")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    wait_until(lambda: program.get_button("Regenerate"), 10, "the end of the work")
    time.sleep(0.5 * PATIENCE)
    program.kill()
    program = start(world, path)
    expect_equal(program.earlier, [], "earlier captions: it was not generated again")


@case("/ui/kept/earlier-captions-should-be-there-after-reopening")
def _(world):
    path = world.copy_picture(get_picture(3))
    program = start(world, path, get_caption(3))
    for _ in range(3):
        program.generate()
    # what is read out ends with the time, which the day may change
    def get_words():
        return [row.name.rsplit(" · ", 1)[0] for row in program.earlier]

    caption, words = program.caption, get_words()
    program.quit()
    program = start(world, path, caption)
    wait_until(lambda: get_words() == words, 10, f"the earlier captions {words}")


@case("/ui/kept/a-renamed-picture-should-be-known")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    program.edit_caption()
    program.type(" (mine)")
    program.wait_for_caption(get_caption(2) + " (mine)")
    program.quit()
    renamed = path.parent / "elsewhere" / "renamed.png"
    renamed.parent.mkdir()
    path.rename(renamed)
    start(world, renamed, get_caption(2) + " (mine)")


@case("/ui/kept/forgotten-pictures-should-be-gone")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    program.edit_caption()
    program.type(" secret")
    program.wait_for_caption(get_caption(2) + " secret")
    program.choose_from_menu("Main Menu", "Forget These Pictures")
    program.wait_for_words("Drop a Picture Here")
    program.wait_for_words("forgotten")
    program.screenshot("forgotten")
    program.quit()
    program = start(world, path)
    expect_equal(program.earlier, [], "earlier captions")
    for file in world.home.rglob("*"):
        if file.is_file() and b"secret" in file.read_bytes():
            raise Failure(f"“secret” is still in {file.relative_to(world.home)}")


@case("/ui/kept/forgetting-should-be-undone-from-the-toast")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    program.edit_caption()
    program.type(" precious")
    program.wait_for_caption(get_caption(2) + " precious")
    program.choose_from_menu("Main Menu", "Forget These Pictures")
    program.wait_for_words("Drop a Picture Here")
    program.press("Undo")
    program.wait_for_caption(get_caption(2) + " precious")
    program.quit()
    start(world, path, get_caption(2) + " precious")


@case("/ui/kept/clear-history-should-leave-the-caption")
def _(world):
    path = world.copy_picture()
    program = start(world, path)
    program.edit_caption()
    program.type(" now")
    program.wait_for_caption(get_caption(2) + " now")
    wait_until(lambda: program.earlier, 10, "the earlier caption")
    program.choose_from_menu("Main Menu", "Clear History…")
    program.press("Clear History")
    wait_until(lambda: not program.earlier, 10, "no earlier caption")
    program.quit()
    program = start(world, path, get_caption(2) + " now")
    expect_equal(program.earlier, [], "earlier captions")


@case("/ui/kept/pasted-pixels-should-be-known-again")
def _(world):
    program = world.start()
    world.put_on_clipboard("image/png", get_picture(2))
    program.key("ctrl+v")
    program.wait_for_caption(get_caption(2))
    program.edit_caption()
    program.type(" pasted")
    program.wait_for_caption(get_caption(2) + " pasted")
    program.quit()
    program = world.start()
    program.key("ctrl+v")
    program.wait_for_caption(get_caption(2) + " pasted")


@case("/ui/kept/the-task-and-the-film-strip-should-be-as-they-were-chosen")
def _(world):
    paths = world.copy_pictures(2, 4)
    program = world.start(*paths)
    program.button("Film Strip")
    expect(program.film_strip, "there is no film strip")
    program.key("F9")
    wait_until(lambda: not program.film_strip, 10, "no film strip")
    program.quit()
    program = world.start(*paths)
    program.button("Film Strip")
    expect(not program.film_strip, "the film strip is back")


@case("/ui/sidecar/captions-should-be-saved-beside-pictures-when-asked")
def _(world):
    path = world.copy_picture()
    sidecar = path.with_suffix(".txt")
    program = start(world, path)
    expect(not sidecar.exists(), "a text file was written unasked")
    program.choose_from_menu("Main Menu", "Save Captions beside the Pictures")
    wait_until(sidecar.exists, 10, "the text file")
    expect_equal(sidecar.read_text().strip(), get_caption(2), "text file")
    program.key("Escape")  # a pressed check item leaves the menu open for who does not click
    program.edit_caption()
    program.type(" and a word ")
    wait_until(lambda: sidecar.read_text().strip() == get_caption(2) + " and a word", 10, "the edit")


@case("/ui/sidecar/text-beside-a-picture-should-be-offered")
def _(world):
    path = world.copy_picture()
    path.with_suffix(".txt").write_text("words of another program\n")
    program = start(world, path, "words of another program")
    program.wait_for_words("beside these pictures")
    program.press("Save There Too")
    program.edit_caption()
    program.type(" and mine ")
    sidecar = path.with_suffix(".txt")
    wait_until(
        lambda: sidecar.read_text().strip() == "words of another program and mine", 10, "the edit"
    )


run_cases()
