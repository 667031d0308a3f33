"""Choosing a model."""
from gloss_ui import *

HUGE_BYTES = 56 << 30


def open_model(program, path):
    model = program.find("button", "Model: ").name
    program.press(model)
    program.press("Open Model File")
    program.fill_chooser("Open Model File", path)


def choose_demo(program):
    program.press(program.button("Model: "))
    row = program.find("list item", "Demo, ")
    program.click(row)
    program.button("Model: Demo", 30)


def get_available_bytes():
    text = pathlib.Path("/proc/meminfo").read_text()
    return int(re.search(r"MemAvailable:\s+(\d+)", text).group(1)) * 1024


@case("/ui/models/a-broken-file-should-be-told-and-the-demo-be-chosen-again")
def _(world):
    broken = world.home / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 and nothing else")
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    open_model(program, broken)
    program.button("Model: broken.npz")
    program.wait_for_words("broken.npz: ")
    program.screenshot("broken-model")
    program.generate()
    program.wait_for_words("broken.npz: ")
    program.button("Try Again")
    choose_demo(program)
    program.press("Try Again")
    wait_until(lambda: program.get_button("Regenerate"), 30, "the end of the work")
    program.wait_for_no_words("broken.npz: ")
    expect(program.caption, "there is no caption")


@case("/ui/models/without-a-picture-a-broken-file-should-be-told-too")
def _(world):
    broken = world.home / "broken.safetensors"
    broken.write_bytes(b"\xff" * 100)
    program = world.start()
    open_model(program, broken)
    program.wait_for_words("broken.safetensors: ")


@case("/ui/models/one-that-does-not-fit-should-be-refused-with-figures")
def _(world):
    if get_available_bytes() > HUGE_BYTES:
        raise Skip("this machine has memory for 28 billion parameters")
    path = world.make_model("huge")
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    start = time.monotonic()
    open_model(program, path)
    program.wait_for_words("of memory, and ", 30)
    world.comment(f"refused after {time.monotonic() - start:.1f} s, the dialog included")
    program.wait_for_words("GB are free")
    program.screenshot("too-large")
    choose_demo(program)
    program.generate()
    wait_until(lambda: program.get_button("Regenerate"), 30, "the end of the work")
    program.wait_for_no_words("of memory, and ")


@case("/ui/models/the-choice-should-be-kept")
def _(world):
    path = world.make_model("slow")
    program = world.start()
    open_model(program, path)
    program.button(f"Model: {path.name}", 30)
    program.quit()
    program = world.start()
    program.button(f"Model: {path.name}", 30)


@case("/ui/models/one-that-is-gone-should-not-stop-the-start")
def _(world):
    world.set_setting("model", f"'{world.home / 'gone.npz'}'")
    program = world.start(world.copy_picture())
    program.wait_for_words("gone.npz")
    choose_demo(program)
    program.press("Try Again")
    program.wait_for_caption(get_caption(2))


@case("/ui/models/those-on-this-machine-should-be-listed")
def _(world):
    folder = world.home / ".local/share/gloss/models/mine"
    folder.mkdir(parents=True)
    for name in "config.json", "model.safetensors", "tokenizer.model":
        shutil.copy(DATA / "demo" / name, folder)
    program = world.start(world.copy_picture())
    program.wait_for_caption(get_caption(2))
    program.press("Model: Demo")
    row = program.find("list item", "mine")
    program.screenshot("models")
    program.click(row)
    program.button("Model: mine", 30)
    program.generate()
    wait_until(lambda: program.get_button("Regenerate"), 30, "the end of the work")


run_cases()
