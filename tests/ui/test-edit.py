"""What a person does with the words."""
from gloss_ui import *


def start(world, number=2):
    program = world.start(world.copy_picture(get_picture(number)))
    program.wait_for_caption(get_caption(number))
    return program


def press_until(program, name, caption):
    """However many steps the typing was."""
    for _ in range(20):
        before = program.caption
        if before == caption:
            return
        program.press(name)
        wait_until(lambda: program.caption != before, 10, f"what {name} does")
    raise Failure(f"{name} does not lead to “{caption}”")


@case("/ui/edit/what-is-typed-should-be-the-caption")
def _(world):
    program = start(world)
    program.edit_caption()
    program.type(" and more")
    caption = get_caption(2) + " and more"
    program.wait_for_caption(caption)
    program.wait_for_words(f"{len(caption)} of 125")


@case("/ui/edit/the-counter-should-warn-of-long-text")
def _(world):
    program = start(world, 4)
    program.wait_for_words(f"{len(get_caption(4))} of 125")
    program.edit_caption()
    world.put_on_clipboard("UTF8_STRING", "x" * (126 - len(get_caption(4))))
    program.key("ctrl+v")
    program.wait_for_words("126 of 250")
    world.put_on_clipboard("UTF8_STRING", "ä" * 125)
    program.key("ctrl+v")
    program.wait_for_words("251 of 250")
    program.screenshot("too-long")


@case("/ui/edit/buttons-should-undo-and-redo")
def _(world):
    program = start(world)
    undo, redo = program.find("button", "Undo"), program.find("button", "Redo")
    expect("sensitive" not in undo.states, "there is something to undo at first")
    expect("sensitive" not in redo.states, "there is something to redo at first")
    program.edit_caption()
    program.type(" changed")
    program.wait_for_caption(get_caption(2) + " changed")
    press_until(program, "Undo", get_caption(2))
    press_until(program, "Redo", get_caption(2) + " changed")


@case("/ui/edit/keys-should-undo-and-redo")
def _(world):
    program = start(world)
    program.edit_caption()
    program.key("ctrl+BackSpace")
    shorter = get_caption(2).rsplit(" ", 1)[0]
    wait_until(lambda: program.caption.strip() == shorter, 10, f"“{shorter}”")
    program.key("ctrl+z")
    program.wait_for_caption(get_caption(2))
    program.key("ctrl+shift+z")
    wait_until(lambda: program.caption.strip() == shorter, 10, f"“{shorter}”")


@case("/ui/edit/undo-should-bring-back-what-regenerate-replaced")
def _(world):
    program = start(world)
    program.edit_caption()
    program.type(", mine")
    mine = get_caption(2) + ", mine"
    program.wait_for_caption(mine)
    program.press("Regenerate")
    wait_until(lambda: program.get_button("Regenerate") and program.caption != mine, 30, "another")
    program.press("Undo")
    program.wait_for_caption(mine)


@case("/ui/edit/all-text-can-go-and-come-back")
def _(world):
    program = start(world)
    program.edit_caption()
    program.key("ctrl+a")
    program.key("Delete")
    program.wait_for_caption("")
    program.key("ctrl+z")
    program.wait_for_caption(get_caption(2))


@case("/ui/edit/each-picture-should-keep-its-own-undo")
def _(world):
    program = world.start(*world.copy_pictures(2, 4))
    program.key("ctrl+Return")
    program.wait_for_caption(get_caption(2))
    program.edit_caption()
    program.type("!")
    program.wait_for_caption(get_caption(2) + "!")
    program.key("ctrl+Down")
    program.wait_for_caption("")
    program.key("ctrl+z")
    program.key("ctrl+Up")
    program.wait_for_caption(get_caption(2) + "!")
    program.press("Undo")
    program.wait_for_caption(get_caption(2))


@case("/ui/edit/languages-of-the-world-should-be-kept-as-pasted")
def _(world):
    program = start(world)
    words = " 橙子 برتقالة नारंगी 🍊"
    world.put_on_clipboard("UTF8_STRING", words)
    program.edit_caption()
    program.key("ctrl+v")
    program.wait_for_caption(get_caption(2) + words)


def expect_copied(world, wanted):
    wait_until(lambda: world.read_clipboard() == wanted, 10, f"“{wanted}” on the clipboard")


@case("/ui/copy/as-plain-text")
def _(world):
    program = start(world)
    program.key("ctrl+shift+c")
    expect_copied(world, get_caption(2))
    world.put_on_clipboard("UTF8_STRING", "something else")
    program.press("Copy Caption")
    expect_copied(world, get_caption(2))


@case("/ui/copy/as-html")
def _(world):
    program = start(world)
    program.edit_caption()
    program.type(' <"&\'>')
    program.wait_for_caption(get_caption(2) + ' <"&\'>')
    program.choose_from_menu("Copy in Another Form", "Copy as HTML alt Attribute")
    expect_copied(world, f'alt="{get_caption(2)} &lt;&quot;&amp;\'&gt;"')


@case("/ui/copy/as-markdown")
def _(world):
    path = world.copy_picture(name="an orange (1).png")
    program = world.start(path)
    program.wait_for_caption(get_caption(2))
    program.edit_caption()
    program.type(" [*]")
    program.wait_for_caption(get_caption(2) + " [*]")
    program.choose_from_menu("Copy in Another Form", "Copy as Markdown Picture")
    expect_copied(world, f"![{get_caption(2)} \\[\\*\\]](an%20orange%20%281%29.png)")


@case("/ui/copy/a-selection-should-be-copied-alone")
def _(world):
    program = start(world)
    program.edit_caption()
    program.key("ctrl+shift+Left")
    program.key("ctrl+c")
    expect_copied(world, get_caption(2).rsplit(" ", 1)[1])


run_cases()
