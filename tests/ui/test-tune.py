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


def begin(tune, folder):
    """To the training, with what the pages propose."""
    choose_folder(tune, folder)
    tune.press("Next")
    tune.wait_for_words("Balanced")
    tune.press("Start")
    tune.wait_for_words("Step ", 60)


def get_record(world):
    paths = sorted((world.home / ".local/share/gloss/runs").glob("*/run.json"))
    return json.loads(paths[-1].read_text()) if paths else None


@case("/ui/tune/from-a-folder-to-a-better-model")
def _(world):
    folder = make_folder(world)
    program, tune = open_tune(world, PICTURES / "04-a-teapot.png")
    tune.screenshot("tune-1-empty")
    choose_folder(tune, folder)
    tune.wait_for_words("a drawing of thing number 1")
    tune.screenshot("tune-2-data")
    tune.press("Next")
    tune.wait_for_words("Balanced")
    tune.screenshot("tune-3-method")
    tune.press("Back")
    tune.wait_for_words("a drawing of thing number 1")
    tune.press("Next")
    tune.press("Start")
    tune.wait_for_words("Step 3", 60)
    tune.press("Sample Now")
    tune.screenshot("tune-4-training")
    tune.press("Show as Table")
    tune.wait_for_words("Smoothed")
    tune.press("Show as Table")

    # a caption that is asked for meanwhile goes first
    program.generate()
    tune.wait_for_words("Training")
    tune.press("Stop & Keep")
    tune.wait_for_words("Held-out loss", 120)
    tune.wait_for_words("Name of the Model")
    tune.screenshot("tune-5-result")
    expect_equal(get_record(world)["state"], "stopped", "the run")
    tune.press("Use Now")
    tune.wait_for_words("Captions come from")
    program.find(None, "Pictures (demo)")
    program.generate()
    expect(program.caption, "the new model says nothing")
    tune.activate()
    tune.press("All Runs")
    tune.wait_for_words("was stopped early")
    tune.screenshot("tune-6-runs")


@case("/ui/tune/it-should-pause-and-go-on-also-behind-a-closed-window")
def _(world):
    program, tune = open_tune(world)
    begin(tune, make_folder(world))
    tune.press("Pause")
    tune.wait_for_words("Paused")
    before = tune.find(None, "Step ").name
    time.sleep(0.5)
    expect_equal(tune.find(None, "Step ").name, before, "the step while it pauses")
    tune.key("ctrl+w")
    wait_until(lambda: len(program.windows) == 1, 10, "the window of fine-tuning to be closed")
    program.press("Fine-tuning")
    program.wait_for_words("Paused")
    program.key("Escape")
    program.key("ctrl+t")
    tune = Tune(program)
    tune.wait_for_words("Paused")
    tune.press("Resume")
    wait_until(lambda: tune.find(None, "Step ").name != before, 30, "the next step")
    tune.press("Discard")
    program.find(None, "Discard This Run?")
    program.press("Discard")
    tune.wait_for_words("The run was discarded")
    wait_until(lambda: not get_record(world), 10, "the run to be gone")


@case("/ui/tune/killed-it-should-go-on-at-the-next-start")
def _(world):
    program, tune = open_tune(world)
    begin(tune, make_folder(world))
    tune.press("Pause")
    tune.wait_for_words("Paused")
    program.kill()
    program = world.start().wait_for_window()
    program.wait_for_words("was interrupted")
    program.press("Resume")
    tune = Tune(program)
    tune.wait_for_words("Step ", 60)
    wait_until(lambda: get_record(world)["state"] == "running", 10, "the run to go on")
    tune.press("Stop & Keep")
    tune.wait_for_words("Name of the Model", 120)


run_cases()
