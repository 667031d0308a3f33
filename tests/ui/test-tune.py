"""Fine-tuning in the window, from a folder to a better model."""
import json

from gloss_ui import *


class Tune(Program):
    """The window of fine-tuning, which a program has beside its main one."""

    def __init__(self, program):
        self.__dict__.update(program.__dict__)
        self._window = None
        wait_until(
            lambda: xdotool("getactivewindow", "getwindowname").strip() == "Fine-tune",
            20,
            "the window of fine-tuning",
        )

    @property
    def window(self):
        if not self._window:
            named = xdotool("search", "--all", "--onlyvisible", "--name", "^Fine-tune$")
            self._window = named.split()[0] if named.split() else None
        return self._window

    @property
    def frame(self):
        return next(window for window in self.look().children if window.name == "Fine-tune")

    def get(self, role=None, name=None, within=None):
        return super().get(role, name, within or self.frame)

    def get_button(self, name, within=None):
        return super().get_button(name, within or self.frame)


def make_folder(world, n=8):
    """Pictures with text files beside them, in words that the demo does not use."""
    paths = world.copy_pictures(*range(1, n + 1))
    for i, path in enumerate(paths):
        path.with_suffix(".txt").write_text(f"a drawing of thing number {i}\n")
    return paths[0].parent


def open_tune(world, *arguments):
    program = world.start(*arguments).wait_for_window()
    program.activate()
    program.key("ctrl+t")
    return program, Tune(program)


def choose_folder(tune, folder):
    tune.press("Choose Folder")
    tune.fill_chooser("Choose Folder of Pictures with Captions", folder)
    tune.wait_for_words("held out")


def set_steps(tune, n):
    """A run as long as the case needs."""
    tune.press(tune.button("Advanced"))


def begin(tune, folder):
    choose_folder(tune, folder)
    tune.press("Next")
    tune.wait_for_words("Balanced")
    tune.press("Start", )


def list_runs(world):
    folder = world.home / ".local/share/gloss/runs"
    return sorted(folder.glob("*/run.json"))


@case("/ui/tune/from-a-folder-to-a-better-model")
def _(world):
    folder = make_folder(world)
    program, tune = open_tune(world)
    tune.screenshot("tune-1-data-empty")
    choose_folder(tune, folder)
    tune.screenshot("tune-2-data")
    tune.press("Next")
    tune.wait_for_words("Balanced")
    time.sleep(2)
    tune.screenshot("tune-3-method")
    tune.press("Start")
    tune.wait_for_words("Step ", 60)
    time.sleep(3)
    tune.screenshot("tune-4-run")
    tune.press("Stop & Keep")
    tune.wait_for_words("Learnt from", 120)
    time.sleep(2)
    tune.screenshot("tune-5-result")


run_cases()
