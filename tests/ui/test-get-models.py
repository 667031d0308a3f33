"""The window of models: what there is, getting more, accounts, importing, removing."""
from gloss_ui import *
from names import expect_names

ENTRY = "paligemma2-3b-mix-224"
KAGGLE_ENTRY = "paligemma2-3b-mix-448"
FIXTURES = pathlib.Path(os.environ["GLOSS_UI_FIXTURES"])
NPZ = FIXTURES / "paligemma2" / "weights.bf16.npz"
TOKENIZER = FIXTURES / "text" / "full.model"
SOME = " of 11.9\xa0MB"  # the services stall at a half, and not the last byte is told at once


class Services:
    """Kaggle, Hugging Face and a bucket on this machine."""

    def __init__(self, world):
        self.process = subprocess.Popen(
            [
                os.environ["GLOSS_UI_SERVE_MODELS"],
                ENTRY,
                DATA / "demo",
                f"kaggle:google/paligemma-2/jax/{KAGGLE_ENTRY}={KAGGLE_ENTRY}.b16.npz@{NPZ}",
                f"bucket:big_vision=paligemma_tokenizer.model@{TOKENIZER}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.base = self.process.stdout.readline().strip()
        world.environment.update(
            GLOSS_TEST_ENDPOINT=self.base,
            SECRET_BACKEND="file",
            SECRET_FILE_TEST_PATH=str(world.home / "keyring"),
            SECRET_FILE_TEST_PASSWORD="password",
        )
        for name in "HF_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_TOKEN", "HF_ENDPOINT":
            world.environment.pop(name, None)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.process.kill()
        self.process.wait()

    def order(self, line):
        """What it prints for the order."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        said = []
        for answer in self.process.stdout:
            if answer == "done\n":
                return said
            said.append(answer)
        raise Failure("the services ended")


class Models(Program):
    """The window of models of a program."""

    def __init__(self, program):
        self.__dict__.update(program.__dict__)
        self._window = None
        wait_until(lambda: self.window, 10, "the window of models")
        wait_until(
            lambda: xdotool("getactivewindow", "getwindowname").strip() == "Models",
            10,
            "the window of models to be active",
        )

    @property
    def window(self):
        if not self._window:
            named = xdotool("search", "--all", "--onlyvisible", "--name", "^Models$")
            self._window = named.split()[0] if named.split() else None
        return self._window

    @property
    def frame(self):
        return next(window for window in self.look().children if window.name == "Models")

    def fill_row(self, name, text):
        """Clicks into a row that is an entry, and types what perhaps nobody can read back."""
        row = self.find("text box", name)
        self.click(row)
        self.key("ctrl+a")
        self.type(text)

    def choose_below(self, combo_name, row_name):
        """Takes the row under the chosen one of a combo row, which has no action of its own."""
        self.click(self.find("combo box", combo_name))
        combo = wait_until(lambda: self.get_open_combo(combo_name), 10, f"the rows of “{combo_name}”")
        expect(row_name in combo.words, f"“{combo_name}” has no row “{row_name}”")
        self.key("Down", "Return")
        wait_until(lambda: not self.get_open_combo(combo_name), 10, "the list to close")

    def get_open_combo(self, combo_name):
        combo = self.get("combo box", combo_name)
        return combo if combo and len(self.all("list item", within=combo)) > 1 else None

    def show(self, page):
        """Goes to a page by its tab, which is below in a narrow window."""
        self.find("tab", page)
        tab = self.all("tab", page)[-1]
        self.click(tab)
        wait_until(lambda: "selected" in tab.states, 10, f"the page “{page}”")


def open_models(program):
    program.choose_from_menu("Main Menu", "Models")
    return Models(program)


def sign_in(models, token="hf_right", words="Signed In with a Token"):
    models.show("Accounts")
    models.fill_row("Hugging Face Token", token)
    models.press("Sign In to Hugging Face")
    models.wait_for_words(words)


def get(models, entry):
    """Asks for a model."""
    models.show("Get Models")
    models.press(f"Get {entry}")


def accept(models):
    check = models.find("checkbox", "I accept the terms of use")
    expect("sensitive" not in models.find("button", "Download").states, "nothing was accepted yet")
    for _ in range(6):
        if "focused" in check.states:
            break
        models.key("Tab")
        time.sleep(0.1)
    models.key("space")
    models.press("Download")


def give_consent(world):
    path = world.home / ".local/share/gloss/terms-accepted"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("accepted\n")


def get_folder(world, name):
    return world.home / ".local/share/gloss/models" / name


def copy_model(folder):
    folder.mkdir(parents=True)
    for name in "config.json", "model.safetensors", "tokenizer.model":
        shutil.copy(DATA / "demo" / name, folder)
    return folder


@case("/ui/get-models/those-on-this-machine-should-be-verified-used-and-removed")
def _(world):
    with Services(world) as services:
        folder = copy_model(get_folder(world, "mine"))
        program = world.start()
        models = open_models(program)
        models.wait_for_words("mine")
        expect_names(models, "installed")
        models.choose_from_menu("More for mine", "Verify")
        models.wait_for_words("mine is sound, and all its values are finite", 60)
        models.press("Use mine")
        models.button("Model: mine", 30)
        models.screenshot("models-installed")
        models.choose_from_menu("More for mine", "Remove")
        models.wait_for_words("Remove mine?")
        models.wait_for_words("This frees 11.9\xa0MB")
        models.screenshot("models-remove", whole=True)
        models.press(models.find("button", "Remove"))
        models.wait_for_words("11.9\xa0MB freed")
        models.button("Model: Demo", 30)
        wait_until(lambda: not folder.exists(), 10, "the folder to be gone")
        expect_equal(services.order("log"), ["\n"], "requests")


@case("/ui/get-models/the-catalogue-should-say-what-fits")
def _(world):
    with Services(world) as services:
        program = world.start()
        models = open_models(program)
        models.show("Get Models")
        models.wait_for_words("Too large for now: it needs 5")
        # what a list shows as chosen is a list of one in libadwaita, named by the row around it
        expect_names(models, "the catalogue", ["GtkListView"])
        models.screenshot("models-get")
        fitting = models.find("switch", "Only What Fits This Machine Now")
        fitting.do(fitting.actions[0])
        models.wait_for_no_words("Too large for now")
        fitting.do(fitting.actions[0])
        models.choose_below("Download From", "Kaggle")
        models.wait_for_words("12.1\xa0GB of disk")
        models.choose_below("Show", "To be fine-tuned")
        models.button("Get paligemma2-3b-pt-224")
        expect(not models.get_button("Get paligemma-3b-mix-448"), "others are still there")
        expect_equal(services.order("log"), ["\n"], "requests")


@case("/ui/get-models/a-download-should-pause-resume-and-be-used")
def _(world):
    with Services(world) as services:
        program = world.start(world.copy_picture())
        program.wait_for_caption(get_caption(2))
        models = open_models(program)
        get(models, ENTRY)
        models.wait_for_words("Hugging Face gives models to those who sign in")
        sign_in(models)
        models.wait_for_words("Kept in the keyring")
        expect_names(models, "the accounts", ["AdwToastWidget"])
        models.screenshot("models-accounts")
        get(models, ENTRY)
        models.wait_for_words("Gemma Terms of Use")
        models.screenshot("models-terms", whole=True)
        expect_names(models, "the terms", ["GtkListView", "AdwToastWidget"])
        services.order("stall 1")
        log = [line for line in services.order("log") if "whoami" not in line]
        expect_equal(log, ["\n"], "requests before the terms were accepted")
        accept(models)
        models.show("On This Machine")
        models.wait_for_words(SOME, 20)
        models.screenshot("models-downloading")
        expect_names(models, "downloading")
        services.order("log")
        models.press(f"Pause {ENTRY}")
        models.wait_for_words("Paused · ")
        models.press(f"Resume {ENTRY}")
        models.wait_for_words(f"{ENTRY} is ready", 60)
        log = services.order("log")
        expect(any("bytes=" in line for line in log), f"it did not go on where it was: {log}")
        models.screenshot("models-ready")
        models.press("Use")
        program.button(f"Model: {ENTRY}", 30)
        program.generate()
        program.wait_for_caption(get_caption(2))
        expect("hf_right" not in program.log, "the token is in the log")


@case("/ui/get-models/a-refusal-should-name-the-page-and-be-tried-again")
def _(world):
    with Services(world) as services:
        give_consent(world)
        program = world.start()
        models = open_models(program)
        sign_in(models)
        services.order("no-consent")
        get(models, ENTRY)
        models.show("On This Machine")
        models.wait_for_words(f"open https://huggingface.co/google/{ENTRY}")
        models.button("Open Page")
        models.screenshot("models-refused")
        expect_names(models, "refused")
        services.order("friendly")
        models.press(f"Resume {ENTRY}")
        models.wait_for_words(f"{ENTRY} is ready", 60)


@case("/ui/get-models/a-wrong-token-should-lead-to-the-accounts")
def _(world):
    with Services(world):
        give_consent(world)
        program = world.start(HF_TOKEN="hf_wrong")
        models = open_models(program)
        models.show("Accounts")
        models.wait_for_words("Token, Not Yet Tried")
        get(models, ENTRY)
        models.show("On This Machine")
        models.wait_for_words("https://huggingface.co/settings/tokens")
        models.button("Accounts")
        expect(not models.get_button("Open Page"), "a page does not help against a wrong token")


@case("/ui/get-models/an-account-should-be-tried-before-it-is-signed-in")
def _(world):
    with Services(world) as services:
        program = world.start()
        models = open_models(program)
        sign_in(models, "hf_wrong", "Hugging Face does not accept this token; copy it again")
        models.screenshot("models-account-refused")
        expect(not (world.home / "keyring").exists(), "a refused account was kept")
        expect(any("whoami-v2" in line for line in services.order("log")), "nobody was asked")
        sign_in(models)
        program.kill()
    program = world.start()
    models = open_models(program)
    models.show("Accounts")
    models.wait_for_words("Signed In with a Token")
    models.press("Sign Out of Hugging Face")
    sign_in(models, "hf_right", "Token, Not Yet Tried")
    models.wait_for_words("is this machine connected to the network?")
    models.screenshot("models-account-untried")


@case("/ui/get-models/a-download-should-go-on-after-a-restart")
def _(world):
    with Services(world) as services:
        give_consent(world)
        services.order("stall 1")
        program = world.start()
        models = open_models(program)
        sign_in(models)
        get(models, ENTRY)
        models.button("Getting models: ")
        models.show("On This Machine")
        models.wait_for_words(SOME, 20)
        program.kill()
        program = world.start()
        program.press("Getting models: ")
        program.wait_for_words("MB of 6.1\xa0GB")
        program.screenshot("models-popover", whole=True)
        expect_names(program, "the popover")
        services.order("log")
        program.press(f"Resume {ENTRY}")
        program.wait_for_words(f"{ENTRY} is ready", 60)
        expect(any("bytes=" in line for line in services.order("log")), "it began anew")


@case("/ui/get-models/cancelling-should-leave-nothing")
def _(world):
    with Services(world) as services:
        give_consent(world)
        services.order("stall 1")
        program = world.start()
        models = open_models(program)
        sign_in(models)
        get(models, ENTRY)
        models.show("On This Machine")
        models.wait_for_words(SOME, 20)
        models.press(f"Cancel {ENTRY}")
        models.wait_for_no_words("In Progress")
        downloads = get_folder(world, ".downloads")
        wait_until(lambda: not downloads.exists(), 10, "what was downloaded to be gone")


@case("/ui/get-models/kaggle-should-get-its-tokenizer-and-be-prepared")
def _(world):
    with Services(world):
        give_consent(world)
        program = world.start()
        models = open_models(program)
        models.show("Accounts")
        models.fill_row("Kaggle User Name, for a Key", "me")
        models.fill_row("Kaggle Key or Token", "rightkey")
        models.press("Sign In to Kaggle")
        models.wait_for_words("Signed In as me")
        models.show("Get Models")
        models.choose_below("Download From", "Kaggle")
        models.press(f"Get {KAGGLE_ENTRY}")
        models.wait_for_words(f"{KAGGLE_ENTRY} is ready", 60)
        names = sorted(path.name for path in get_folder(world, KAGGLE_ENTRY).iterdir())
        expect_equal(
            names, ["gloss-origin.json", f"{KAGGLE_ENTRY}.gloss", "tokenizer.model"], "files"
        )
        models.press("Use")
        program.button(f"Model: {KAGGLE_ENTRY}", 30)


@case("/ui/get-models/importing-should-ask-for-a-tokenizer")
def _(world):
    with Services(world) as services:
        bare = world.home / "bare.npz"
        shutil.copy(NPZ, bare)
        program = world.start()
        models = open_models(program)
        models.choose_from_menu("Import", "Import File")
        models.fill_chooser("Open Model File", bare)
        models.wait_for_words("Where Is Its Tokenizer?")
        models.screenshot("models-tokenizer", whole=True)
        expect_names(models, "the question for a tokenizer")
        models.press("Choose File")
        models.fill_chooser("Choose Tokenizer", TOKENIZER)
        models.wait_for_words("bare is ready", 60)
        models.button("Use bare")
        expect(bare.exists(), "what was imported is gone")
        expect_equal(services.order("log"), ["\n"], "requests")


@case("/ui/get-models/what-is-no-model-should-be-refused-without-a-question")
def _(world):
    with Services(world) as services:
        bad = world.home / "bad.npz"
        bad.write_text("hello")
        empty = world.home / "nothing-in-it"
        empty.mkdir()
        program = world.start()
        models = open_models(program)
        models.choose_from_menu("Import", "Import File")
        models.fill_chooser("Open Model File", bad)
        models.wait_for_words("either it is no .npz file")
        models.button("Try Again with bad")
        models.choose_from_menu("Import", "Import Folder")
        models.fill_chooser("Open Model Folder", empty)
        models.button("Try Again with nothing-in-it")
        models.screenshot("models-not-imported")
        expect(not models.has_words("Where Is Its Tokenizer?"), "it asks for a tokenizer")
        expect_equal(services.order("log"), ["\n"], "requests")


@case("/ui/get-models/a-dropped-model-should-be-imported")
def _(world):
    with Services(world):
        folder = copy_model(world.home / "dropped")
        program = world.start()
        models = open_models(program)
        models.drop_files(folder)
        models.wait_for_words("dropped is ready", 60)


@case("/ui/get-models/another-folder-should-be-used-and-the-old-models-stay")
def _(world):
    with Services(world):
        copy_model(get_folder(world, "mine"))
        other = world.home / "elsewhere"
        other.mkdir()
        program = world.start()
        models = open_models(program)
        models.press("Change Models Folder")
        models.fill_chooser("Choose Models Folder", other)
        models.wait_for_words("New models go there now")
        models.wait_for_words("/elsewhere")
        models.button("Use mine")
        models.drop_files(copy_model(world.home / "dropped"))
        models.wait_for_words("dropped is ready", 60)
        expect((other / "dropped" / "model.safetensors").exists(), "the model went elsewhere")
        models.button("Use dropped")
        models.press("Use Gloss’s Own Folder")
        models.wait_for_words("/gloss/models")


@case("/ui/get-models/a-narrow-and-dark-window-should-do")
def _(world):
    with Services(world) as services:
        copy_model(get_folder(world, ENTRY))
        give_consent(world)
        services.order("stall 1")
        program = world.start(ADW_DEBUG_COLOR_SCHEME="prefer-dark")
        models = open_models(program)
        sign_in(models)
        models.screenshot("models-dark-accounts")
        models.show("Get Models")
        models.screenshot("models-dark-get")
        models.resize(360, 640)
        wait_until(lambda: models.size[0] == 360, 10, "a window of 360 pixels")
        time.sleep(0.5)
        models.screenshot("models-narrow-get")
        models.show("On This Machine")
        models.screenshot("models-narrow-installed")
        models.show("Accounts")
        models.screenshot("models-narrow-accounts")


@case("/ui/get-models/the-button-should-fit-into-a-narrow-header")
def _(world):
    with Services(world):
        # as GNOME has it
        world.write_gtk_settings("gtk-decoration-layout=appmenu:close\n")
        folder = get_folder(world, ".downloads") / ENTRY
        folder.mkdir(parents=True)
        origin = {"from": f"huggingface:google/{ENTRY}@main"}
        (folder / "gloss-origin.json").write_text(json.dumps(origin))
        program = world.start(world.copy_picture())
        program.wait_for_caption(get_caption(2))
        program.button("Getting models: ")
        program.resize(400, 640)
        wait_until(lambda: program.size[0] == 400, 10, "a window of 400 pixels")
        program.resize(360, 640)
        wait_until(lambda: program.size[0] == 360, 10, "a window of 360 pixels")
        program.screenshot("models-narrow-button")


run_cases()
