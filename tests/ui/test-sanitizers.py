"""A long visit to the program with the sanitizers in it, which say what leaks and what overruns."""
from gloss_ui import *

N_PICTURES = 30


@case("/ui/sanitizers/thirty-pictures-should-leave-nothing-behind")
def _(world):
    for number in range(N_PICTURES):
        world.copy_picture(get_picture(number % 14 + 1), f"{number:02d}.png")
    folder = world.home / "Pictures"
    (folder / "bad.png").write_text("no picture")
    program = world.start(folder)
    program.wait_for_words(f"0 of {N_PICTURES + 1} captioned", 30)
    program.press("Caption All Without Captions")
    program.wait_for_words(f"{N_PICTURES} of {N_PICTURES + 1} captioned", 120)
    program.edit_caption()
    program.type(" and words")
    program.wait_for_caption(get_caption(1) + " and words")
    program.press("Undo")
    program.generate()
    for _ in range(5):
        program.key("ctrl+Down")
    program.key("ctrl+1", "ctrl+plus", "ctrl+minus", "ctrl+0", "ctrl+m", "ctrl+m")
    program.key("ctrl+shift+c")
    # not by a drop: GTK 4.8 does not always let go of the stream from which it read one
    run(PROGRAM, get_picture(2), env=world.environment)
    program.wait_for_words(f"of {N_PICTURES + 2} captioned", 30)
    program.generate()
    program.detect("orange")
    program.button("orange", 30)
    program.key("ctrl+comma")
    program.wait_for_words("Longest Caption")
    xdotool("key", "Escape")
    program.wait_for_no_words("Longest Caption")
    program.key("ctrl+question")
    program.wait_for_words("Open a folder")
    xdotool("key", "Escape")
    program.wait_for_no_words("Open a folder")
    program.choose_from_menu("Main Menu", "Forget These Pictures")
    program.wait_for_words("Drop a Picture Here")
    program.find("button", "Undo")
    program.press("Undo")
    program.wait_for_words(f"of {N_PICTURES + 2} captioned", 30)
    program.quit()
    # LeakSanitizer's report comes at the end, and its exit status was looked at


@case("/ui/sanitizers/a-batch-that-is-closed-should-leave-nothing-behind")
def _(world):
    folder = world.copy_pictures(*range(1, 15))[0].parent
    program = world.start(folder)
    program.wait_for_words("0 of 14 captioned", 30)
    program.press("Caption All Without Captions")
    program.quit()


@case("/ui/sanitizers/nothing-opened-should-leave-nothing-behind")
def _(world):
    world.start().quit()


run_cases()
