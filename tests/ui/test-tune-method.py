"""The method page of fine-tuning, in a window of its own."""
from gloss_ui import *

PAGE = os.environ["GLOSS_UI_TUNE_METHOD_LOOK"]


def open_page(world, model=DATA / "demo", width=640):
    paths = world.copy_pictures(*range(1, 9))
    for i, path in enumerate(paths):
        path.with_suffix(".txt").write_text(f"A drawing of thing number {i}\n")
    log_path = ARTEFACTS / f"{world.slug}.log"
    page = Program(world, [PAGE, model, paths[0].parent, width], world.environment, log_path)
    world.programs.append(page)
    return page.wait_for_window()


def last_word(page):
    """What the page could do after its last change: "balanced: 128 steps of 8 at 0.002"."""
    return page.log.strip().splitlines()[-1]


def wait_for_word(page, words):
    wait_until(lambda: last_word(page).startswith(words), 20, f"“{words}” in the log")


def get_focused(page):
    return next((node for node in page.look().walk() if "focused" in node.states), None)


def tab_to(page, name):
    for _ in range(60):
        focused = get_focused(page)
        if focused and name in focused.name:
            return focused
        page.key("Tab")
    raise Failure(f"“{name}” cannot be reached by keyboard")


@case("/ui/tune-method/each-way-should-say-what-it-takes")
def _(world):
    page = open_page(world)
    page.wait_for_words("minute · ", 60)
    for name in ("Balanced", "Notebook"):
        card = page.find("radio", name)
        expect("MB" in card.description, f"{name} says “{card.description}”")
    expect("checked" in page.find("radio", "Balanced").states, "Balanced is not chosen")
    page.wait_for_words("that are free")
    page.screenshot("tune-method")
    wait_for_word(page, "balanced: 128 steps of 8")


@case("/ui/tune-method/it-should-be-changed-and-reset-by-keyboard")
def _(world):
    page = open_page(world)
    page.wait_for_words("minute · ", 60)
    tab_to(page, "Balanced")
    page.key("Down")
    wait_for_word(page, "notebook: 64 steps of 8 at 0.03")
    tab_to(page, "All Settings")
    page.key("Return")
    tab_to(page, "Steps")
    if get_focused(page).role == "list item":
        page.key("Tab")
    page.key("ctrl+a")
    page.type("16")
    wait_for_word(page, "notebook: 16 steps of 8")
    page.wait_for_words("Notebook, Changed")
    page.key("ctrl+a")
    page.type("1.5")
    wait_for_word(page, "cannot start")
    page.wait_for_words("A whole number from 1 to ")
    page.screenshot("tune-method-wrong")
    page.press("Reset")
    wait_for_word(page, "notebook: 64 steps of 8")
    page.wait_for_no_words("Notebook, Changed")


run_cases()
