"""The result of a run of fine-tuning, in a window of its own."""
from gloss_ui import *

HOST = os.environ["GLOSS_UI_TUNE_RESULT"]
SPACE = "space (Demo)"


def make_answer(text, loss):
    return {"text": text, "loss": loss, "bleu": [0, 0, 0, 0], "rouge_l": 0, "cider": 0}


def make_report(n):
    scores = {"bleu": [0.9, 0.8, 0.7, 0.1], "rouge_l": 0.5, "most_common": None, "most_common_count": 0}
    pictures = [
        {
            "image": str(get_picture(1)),
            "prompt": "caption en",
            "references": [f"reference {i}"],
            "base": make_answer("a toy & a rocket", 3.5),
            "model": make_answer(f"a red & a rocket {i}", 2.5),
        }
        for i in range(n)
    ]
    return {
        "pictures_scored": n,
        "pictures_failed": 0,
        "model": {"model": "Fine-tuned", "loss": 1.04, "cider": 1.5, "alike_share": 0, **scores},
        "base": {"model": "Demo", "loss": 3.21, "cider": 2.5, "alike_share": 0.5, **scores},
        "pictures": pictures,
    }


def make_run(world, n_pictures=8, **more):
    """A run as it lies on the disk when it is over."""
    folder = world.home / ".local/share/gloss/runs/one"
    folder.mkdir(parents=True)
    demo = DATA / "demo"
    lines = [{"event": "evaluation", "step": 0, "validation_loss": 3.2}]
    lines += [{"event": "step", "step": i, "steps": 4, "loss": 4 - i / 2, "smoothed_loss": 4 - i / 3} for i in (1, 2, 3, 4)]
    lines += [{"event": "evaluation", "step": 4, "validation_loss": 1.5}]
    record = {
        "state": "finished",
        "title": "space",
        "begun_at": 1700000000,
        "training": 90,
        "validation": n_pictures,
        "settings": {"base_name": "Demo", "base_path": str(demo), "tokenizer": str(demo / "tokenizer.model")},
    }
    (folder / "run.json").write_text(json.dumps({**record, **more}))
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "finetuned.json").write_text(json.dumps({"base": {"path": str(demo)}}))
    (folder / "changed.gloss").write_text("values")
    shutil.copy(demo / "tokenizer.model", folder)
    if n_pictures:
        (folder / "report.json").write_text(json.dumps(make_report(n_pictures)))
    return folder


def show(world, folder):
    program = Program(world, [HOST, folder], world.environment, ARTEFACTS / f"{world.slug}.log")
    world.programs.append(program)
    return program.wait_for_window()


def get_rows(program):
    pictures = program.get("list", "Held-out pictures, the worst first")
    return program.all("list item", within=pictures) if pictures else []


def name_model(program, name):
    """Types into the row for the name, which has the focus from the first."""
    row = program.find("text box", "Name of the Model")
    program.key("ctrl+a")
    program.type(name)
    wait_until(lambda: row.text == name, 10, f"“{name}” as name; there is “{row.text}”")


@case("/ui/tune-result/before-and-after-should-be-said-in-words")
def _(world):
    program = show(world, make_run(world))
    program.wait_for_words("Learnt from 90 pictures")
    program.wait_for_words("Step 4 of 4 was the best")
    names = " ".join(node.name for node in program.all())
    expect("Held-out loss: before 3.21, after 1.04, better" in names, names)
    expect("CIDEr: before 2.50, after 1.50, worse" in names, names)
    rows = wait_until(lambda: get_rows(program), 10, "the pictures")
    expect_equal(len(rows), 6, "pictures")
    expect("gone: “toy”; new: “red”" in rows[0].name, rows[0].name)
    program.press(program.button("Show All 8 Pictures"))
    wait_until(lambda: len(get_rows(program)) == 8, 10, "all pictures")


@case("/ui/tune-result/it-should-be-saved-under-a-name-that-is-free")
def _(world):
    models = world.home / ".local/share/gloss/models"
    (models / "taken").mkdir(parents=True)
    program = show(world, make_run(world))
    name_model(program, "taken")
    program.wait_for_words("there is a model called “taken” already")
    expect(program.get_button("Save") is None, "it can be saved over another")
    name_model(program, SPACE)
    program.press(program.button("Save"))
    program.wait_for_words(f"Saved as “{SPACE}”")
    expect((models / SPACE / "changed.gloss").exists(), "nothing was saved")
    expect(program.get("text box", "Name of the Model") is None, "it can be saved twice")
    program.press(program.button("Use Now"))
    wait_until(lambda: f"use {models / SPACE} ({SPACE})" in program.log, 10, "the signal")


@case("/ui/tune-result/without-held-out-pictures-it-should-say-so")
def _(world):
    program = show(world, make_run(world, 0, state="failed", message="the disk is full"))
    program.wait_for_words("Fine-Tuning Failed")
    program.wait_for_words("the disk is full")
    program.wait_for_words("No pictures were held out")
    expect_equal(get_rows(program), [], "pictures")


@case("/ui/tune-result/the-curve-should-be-exported")
def _(world):
    # short enough for the button to be on the screen
    program = show(world, make_run(world, 0))
    program.choose_from_menu("Export…", "CSV")
    path = world.home / "curve.csv"
    # the ending stands there already, behind what is selected
    program.fill_chooser("Export", path.with_suffix(""))
    wait_until(path.exists, 10, "the file")
    expect(path.read_text().startswith("step,loss"), path.read_text())


run_cases()
