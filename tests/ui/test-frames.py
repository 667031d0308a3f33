"""How long it takes: reported, not judged."""
from gloss_ui import *


def get_share(values, share):
    return values[min(int(len(values) * share), len(values) - 1)]


def report_frames(world, what, path, first_line):
    lines = path.read_text().splitlines()[first_line:]
    values = sorted(int(line) / 1000 for line in lines if line)
    expect(len(values) > 10, f"only {len(values)} frames while {what}")
    world.comment(
        f"{what}: {len(values)} frames, median {get_share(values, 0.5):.1f} ms, "
        f"95 % within {get_share(values, 0.95):.1f} ms, 99 % within {get_share(values, 0.99):.1f} ms, "
        f"longest {values[-1]:.1f} ms"
    )


def count_lines(path):
    return len(path.read_text().splitlines())


def measure(seconds):
    """Nothing is asked of the program meanwhile, which would keep it from its work."""
    time.sleep(seconds)


@case("/ui/frames/at-rest-and-while-a-large-model-looks")
def _(world):
    world.set_setting("model", f"'{world.make_model('slow')}'")
    world.set_setting("caption-at-once", "false")
    log = world.home / "frames"
    program = world.start(world.copy_picture(), GLOSS_FRAME_LOG=str(log))
    program.button("Generate")
    first = count_lines(log)
    measure(2)
    report_frames(world, "at rest", log, first)
    program.key("ctrl+Return")
    program.wait_for_words("Looking, ", 60)
    first = count_lines(log)
    measure(3)
    report_frames(world, "while a large model looks", log, first)
    program.key("ctrl+period")
    program.button("Generate", 30)


@case("/ui/frames/while-the-demo-captions-one-after-the-other")
def _(world):
    folder = world.copy_pictures(*range(1, 15))[0].parent
    for number in range(3):
        for source in PICTURES.glob("*.png"):
            world.copy_picture(source, f"{number}-{source.name}")
    log = world.home / "frames"
    program = world.start(folder, GLOSS_FRAME_LOG=str(log))
    program.wait_for_words("0 of 56 captioned", 30)
    first = count_lines(log)
    program.key("ctrl+shift+Return")
    measure(2)
    report_frames(world, "while the demo captions one picture after the other", log, first)
    program.wait_for_words("56 of 56 captioned", 60)


@case("/ui/frames/from-the-start-to-the-window")
def _(world):
    seconds = []
    for _ in range(3):
        program = world.start(wait=False)
        while not program.windows:
            pass
        seconds.append(time.monotonic() - program.start_time)
        program.wait_for_window()
        program.quit()
    world.comment("from the start to the window: " + ", ".join(f"{s * 1000:.0f} ms" for s in seconds))


@case("/ui/frames/from-the-drop-to-the-caption")
def _(world):
    path = world.copy_picture()
    program = world.start()
    program.move(0, 0)
    with DragSource(world, ["files", path]) as source:
        source.drag_to(program, release=False)
        start = time.monotonic()
        xdotool("mouseup", 1)
        program.wait_for_caption(get_caption(2))
        world.comment(f"from the drop to the caption: {(time.monotonic() - start) * 1000:.0f} ms, a look at it included")


run_cases()
