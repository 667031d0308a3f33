"""The data page of fine-tuning, in a window of its own."""
from gloss_ui import *

PAGE = os.environ["GLOSS_UI_TUNE_LOOK"]
N_MANY = 100_000


class Page(Program):
    def find_row(self, title):
        return self.find("list item", title)


def open_page(world, *arguments, width=640):
    log_path = ARTEFACTS / f"{world.slug}.log"
    page = Page(world, [PAGE, width, *arguments], world.environment, log_path)
    world.programs.append(page)
    return page.wait_for_window()


def make_folder(world, n_captioned=6, n_pictures=8):
    """Pictures with text files beside the first of them."""
    paths = world.copy_pictures(*range(1, n_pictures + 1))
    for i, path in enumerate(paths[:n_captioned]):
        path.with_suffix(".txt").write_text(f"thing number {i}\n")
    return paths[0].parent


def open_row(page, title):
    """With the keyboard, as no mouse is needed for it."""
    row = page.find_row(title)
    for _ in range(40):
        if "focused" in page.find_row(title).states:
            break
        page.key("Tab" if "focused" not in row.states else "Down")
        focused = [node for node in page.all("list item") if "focused" in node.states]
        if focused and title not in focused[0].name and focused[0].name:
            page.key("Down")
    expect("focused" in page.find_row(title).states, f"“{title}” cannot be reached by keyboard")
    page.key("Return")


@case("/ui/tune-data/without-data-the-ways-to-it-should-be-shown")
def _(world):
    page = open_page(world)
    page.wait_for_words("Drop Pictures with Captions Here")
    page.button("Choose Folder")
    page.button("Choose File")
    page.wait_for_words("There are none yet")
    expect(not page.get_button("Fine-tune on Captions I Edited"), "it can be pressed")
    page.screenshot("tune-data-empty")


@case("/ui/tune-data/a-dropped-folder-should-be-read")
def _(world):
    folder = make_folder(world)
    page = open_page(world)
    page.move(0, 0)
    with DragSource(world, ["files", folder]) as source:
        source.drag_to(page, release=False)
        page.wait_for_words("Drop to Learn From It")
        page.screenshot("tune-data-drop")
        xdotool("mouseup", 1)
        wait_until(lambda: source.has_said("end"), 10, "the drag to end")
    page.wait_for_words("text files beside pictures · 5 pairs, 1 held out")
    page.wait_for_words("thing number 0")
    page.wait_for_words("2 pictures without caption")
    page.wait_for_words("All Pictures Were Looked At")
    page.screenshot("tune-data")
    page.press("Choose Other Data")
    page.wait_for_words("Drop Pictures with Captions Here")


@case("/ui/tune-data/a-finding-should-open-its-list-and-close-it")
def _(world):
    folder = make_folder(world)
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "broken.txt").write_text("broken")
    page = open_page(world, folder, DATA / "demo/tokenizer.model")
    page.wait_for_words("1 picture that cannot be read")
    page.wait_for_words("In tokens, with the prompt")
    open_row(page, "1 picture that cannot be read")
    page.wait_for_words("broken.png")
    page.button("Back")
    page.screenshot("tune-data-list")
    page.key("Escape")
    row = page.find_row("1 picture that cannot be read")
    wait_until(lambda: "focused" in row.states, 5, "the row to have the focus again")


@case("/ui/tune-data/pictures-without-caption-should-be-handed-over")
def _(world):
    folder = make_folder(world)
    page = open_page(world, folder)
    page.press("Caption These First")
    page.wait_for_words("2 to be captioned first")


@case("/ui/tune-data/the-share-that-is-held-out-should-be-turned")
def _(world):
    page = open_page(world, make_folder(world))
    page.wait_for_words("5 pairs, 1 held out")
    spin = page.find("spin button", "Held Out")
    page.click_into(spin)
    page.key("ctrl+a")
    page.type("50")
    page.key("Return")
    page.wait_for_words("3 pairs, 3 held out")
    page.key("ctrl+a")
    page.type("0")
    page.key("Return")
    page.wait_for_words("6 pairs, 0 held out")
    page.wait_for_words("Nothing is held out")


@case("/ui/tune-data/what-cannot-be-used-should-say-why-and-what-to-do")
def _(world):
    folder = world.home / "Nothing here"
    folder.mkdir()
    page = open_page(world, folder)
    page.wait_for_words("There Is Nothing to Learn From")
    page.wait_for_words("Nothing here")
    # somebody puts something there
    picture = shutil.copy(get_picture(2), folder)
    page.press("Try Again")
    page.wait_for_words("The Pictures Have No Captions")
    page.button("Caption These First")
    page.screenshot("tune-data-failed")
    pathlib.Path(picture).with_suffix(".txt").write_text("one")
    page.press("Try Again")
    page.wait_for_words("There is only one picture")
    page.press("Choose Other Data")
    unknown = world.home / "unknown.bin"
    unknown.write_bytes(b"\x00\xff" * 100)
    page.press("Choose File")
    page.fill_chooser("Choose List of Captions", unknown)
    page.wait_for_words("Gloss Does Not Know This File")
    page.press("Choose Other Data")
    page.wait_for_words("Drop Pictures with Captions Here")


@case("/ui/tune-data/a-hundred-thousand-pairs-should-not-keep-the-window")
def _(world):
    make_folder(world)
    path = world.home / "Pictures" / "many.jsonl"
    names = [get_picture(number).name for number in range(1, 9)]
    with open(path, "w") as file:
        for i in range(N_MANY):
            file.write(json.dumps({"image": names[i % 8], "suffix": f"caption number {i}"}) + "\n")
    start = time.monotonic()
    page = open_page(world, path, DATA / "demo/tokenizer.model")
    longest = 0
    while not page.has_words("on average"):
        before = time.monotonic()
        page.key("Tab")
        page.get("frame")
        longest = max(longest, time.monotonic() - before)
        expect(time.monotonic() - start < 60 * PATIENCE, "it is not read after a minute")
    world.comment(
        f"read after {time.monotonic() - start:.1f} s; the longest answer took {longest:.2f} s"
    )
    expect(longest < 1 * PATIENCE, f"the window did not answer for {longest:.1f} s")


@case("/ui/tune-data/a-narrow-window-should-hold-it")
def _(world):
    page = open_page(world, make_folder(world), DATA / "demo/tokenizer.model", width=360)
    page.wait_for_words("on average")
    page.screenshot("tune-data-narrow")
    expect(page.size[0] <= 360, f"it is {page.size[0]} pixels wide")


run_cases()
