"""The window for those who do not see it, or do not use a mouse."""
from gloss_ui import *
from names import *

def make_node(role, name, *children):
    node = atspi_tree.Node(None, "", "", None)
    node.role, node.raw_name, node.children = role, name, list(children)
    return node


@case("/ui/accessibility/the-checker-should-find-one-nameless-control")
def _(world):
    named = make_node("button", "Open Pictures")
    for role, name in [
        ("button", ""),
        ("button", " "),
        ("button", "GtkImage"),
        ("button", "GtkMenuButton"),
        ("text box", "GtkEntry"),
        ("combo box", "AdwComboRow"),
        ("list item", ""),
    ]:
        bad = make_node(role, name)
        tree = make_node("window", "Gloss", named, make_node("group", "", bad))
        expect_equal(find_nameless(tree), [bad], f"nameless controls with a {role} named {name!r}")
    expect_equal(find_nameless(make_node("window", "", named)), [], "nameless controls in a good tree")


@case("/ui/accessibility/every-control-should-have-a-name/empty")
def _(world):
    expect_names(world.start(), "empty")


@case("/ui/accessibility/every-control-should-have-a-name/captioned")
def _(world):
    program = world.start(*world.copy_pictures(2, 4))
    program.generate()
    program.edit_caption()
    program.type("!")
    wait_until(lambda: program.earlier, 10, "an earlier caption")
    expect_names(program, "captioned")


@case("/ui/accessibility/every-control-should-have-a-name/boxes")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.detect("orange")
    program.button("orange")
    expect_names(program, "boxes")


@case("/ui/accessibility/every-control-should-have-a-name/busy")
def _(world):
    world.set_setting("model", f"'{world.make_model('slow')}'")
    program = world.start(*world.copy_pictures(2, 4))
    program.key("ctrl+shift+Return")
    program.wait_for_words("Looking, ", 60)
    expect_names(program, "busy")


@case("/ui/accessibility/every-control-should-have-a-name/failed")
def _(world):
    bad = world.home / "bad.png"
    bad.write_text("no picture")
    program = world.start(bad)
    program.button("Try Again")
    expect_names(program, "failed")


@case("/ui/accessibility/every-control-should-have-a-name/menus")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    for menu in "Main Menu", "More Ways to Open", "Copy in Another Form":
        program.open_menu(menu)
        expect_names(program, menu)
        program.key("Escape")
        wait_until(lambda: not program.get("menu"), 10, f"“{menu}” to close")
    program.press("Model: Demo")
    program.find("list", "Models on this machine")
    wait_until(lambda: program.get("list item", "Demo, "), 10, "the demo in the list of models")
    expect_names(program, "models")
    program.key("Escape")
    for combo in "Task", "Language":
        program.open_list(combo)
        expect_names(program, combo)
        program.key("Escape")
        wait_until(lambda: not program.get("list item"), 10, f"the list of “{combo}” to close")


@case("/ui/accessibility/every-control-should-have-a-name/preferences")
def _(world):
    program = world.start()
    program.key("ctrl+comma")
    program.wait_for_words("Longest Caption")
    # these have a list inside, of libadwaita's own
    combos = ("Task at the Start", "Language at the Start", "Arithmetic")
    expect_names(program, "preferences", combos)
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the preferences to close")


@case("/ui/accessibility/every-control-should-have-a-name/shortcuts-and-about")
def _(world):
    program = world.start()
    program.key("ctrl+question")
    program.wait_for_words("Open pictures")
    # GTK's own window, whose search button has a tooltip alone
    expect_names(program, "shortcuts", ("GtkShortcutsWindow",))
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the shortcuts to close")
    program.choose_from_menu("Main Menu", "About Gloss")
    wait_until(lambda: len(program.windows) == 2, 10, "the window about Gloss")
    # libadwaita's own window
    expect_names(program, "about", ("About",))
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the window about Gloss to close")


@case("/ui/accessibility/the-picture-should-be-described-by-its-caption")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    image = program.find("image", get_picture(2).name)
    wait_until(lambda: image.current_description == get_caption(2), 10, "the caption as description")
    program.edit_caption()
    program.type(" here")
    wait_until(lambda: image.current_description == get_caption(2) + " here", 10, "the edit in it")


@case("/ui/accessibility/boxes-should-be-read-out")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.detect("orange")
    program.find(None, "Objects that were found")
    image = program.find("image", get_picture(2).name)
    description = image.current_description
    expect("orange" in description and "<loc" not in description, f"description “{description}”")


def tab_to(program, role, name, steps=60):
    """Presses Tab until a control has the focus; the names on the way."""
    way = []
    for _ in range(steps):
        focused = next((n for n in program.look().walk() if "focused" in n.state_words), None)
        if focused:
            if focused.role == role and focused.name.startswith(name):
                return way
            way.append(focused.name)
        program.key("Tab")
        if focused:
            wait_until(lambda: "focused" not in focused.states, 10, f"Tab to leave “{focused.name}”")
    raise Failure(f"Tab does not come to {role} “{name}” but to {way}")


@case("/ui/keyboard/open-caption-edit-next-should-need-no-mouse")
def _(world):
    folder = world.copy_pictures(2, 4)[0].parent
    program = world.start()
    program.key("ctrl+shift+o")
    program.fill_chooser("Open Folder", folder)
    wait_until(lambda: get_picture(2).name in program.title, 20, "the first picture")
    program.key("ctrl+Return")
    program.wait_for_caption(get_caption(2))
    tab_to(program, "text box", "Caption")
    program.key("ctrl+End")
    program.type(" and words")
    program.wait_for_caption(get_caption(2) + " and words")
    program.key("ctrl+Down")
    wait_until(lambda: get_picture(4).name in program.title, 10, "the second picture")
    program.key("ctrl+Return")
    program.wait_for_caption(get_caption(4))
    program.key("ctrl+Up")
    program.wait_for_caption(get_caption(2) + " and words")


@case("/ui/keyboard/tab-should-come-to-every-control")
def _(world):
    program = world.start(*world.copy_pictures(2, 4))
    program.generate()
    program.edit_caption()
    program.type("!")
    wait_until(lambda: program.earlier, 10, "an earlier caption")
    for role, name in [
        ("button", "Regenerate"),
        ("list item", get_picture(2).name),
        ("button", "Caption All"),
        ("button", "Open Pictures"),
        ("button", "More Ways to Open"),
        ("button", "Film Strip"),
        ("button", "Model: Demo"),
        ("button", "Main Menu"),
        ("image", get_picture(2).name),
        ("button", "Task"),
        ("button", "Language"),
        ("text box", "Start caption with"),
        ("text box", "Caption"),
        ("button", "Copy Caption"),
        ("button", "Copy in Another Form"),
        ("list item", get_caption(2)),
    ]:
        tab_to(program, role, name)


@case("/ui/keyboard/an-earlier-caption-should-be-taken-back")
def _(world):
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.edit_caption()
    program.type("!")
    wait_until(lambda: program.earlier, 10, "an earlier caption")
    tab_to(program, "list item", get_caption(2))
    program.key("Return")
    program.wait_for_caption(get_caption(2))


@case("/ui/keyboard/the-menu-should-open-and-the-shortcuts-be-listed")
def _(world):
    program = world.start()
    program.key("F10")
    program.find("menu")
    program.key("Escape")
    program.key("ctrl+question")
    program.wait_for_words("Open a folder")
    xdotool("key", "Escape")
    wait_until(lambda: len(program.windows) == 1, 10, "the shortcuts to close")


run_cases()
