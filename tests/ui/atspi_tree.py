"""What a screen reader sees of a program, asked for over the accessibility bus.

The protocol itself is spoken here, without libatspi: its cache gives answers that were true once,
and one question after the other takes a second for a window, while all questions about a level of
the tree asked together take a tenth of that, and keep the program from its work no longer.
"""
from gi.repository import Gio, GLib

ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
COMPONENT = "org.a11y.atspi.Component"
PROPERTIES = "org.freedesktop.DBus.Properties"
TEXT = "org.a11y.atspi.Text"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
NOTHING = "/org/a11y/atspi/null"
WINDOW_COORDINATES = 1
# Numbers of AT-SPI's states, of those that are of use.
STATES = {
    1: "active",
    4: "checked",
    7: "editable",
    10: "expanded",
    11: "focusable",
    12: "focused",
    20: "pressed",
    23: "selected",
    24: "sensitive",
}
# Names that GTK makes up of the type of a widget that has none.
TOOLKIT_PREFIXES = ("Gtk", "Adw", "Gloss")


class Gone(Exception):
    """The program or the widget is no more, or does not answer."""


class Bus:
    """The accessibility bus."""

    def __init__(self, timeout_seconds):
        self.timeout_ms = int(timeout_seconds * 1000)
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        (address,) = session.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1, None
        ).unpack()
        flags = Gio.DBusConnectionFlags
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None
        )
        self.context = GLib.MainContext.default()

    def ask(self, questions):
        """Answers to (name, path, interface, method, GVariant or None), in order; None for one
        that failed."""
        answers = [None] * len(questions)
        n_left = len(questions)

        def answer(connection, result, index):
            nonlocal n_left
            n_left -= 1
            try:
                answers[index] = connection.call_finish(result).unpack()
            except GLib.Error:
                pass

        for index, (name, path, interface, method, arguments) in enumerate(questions):
            self.connection.call(
                name, path, interface, method, arguments, None, 0, self.timeout_ms, None, answer, index
            )
        while n_left > 0:
            self.context.iteration(True)
        return answers

    def ask_one(self, *question):
        (answer,) = self.ask([question])
        if answer is None:
            raise Gone(f"no answer to {question[3]}")
        return answer

    def find_application(self, pid):
        """The Node of the program with this process id, or None."""
        (children,) = self.ask_one(REGISTRY, ROOT, ACCESSIBLE, "GetChildren", None)
        questions = [
            (
                "org.freedesktop.DBus",
                "/",
                "org.freedesktop.DBus",
                "GetConnectionUnixProcessID",
                GLib.Variant("(s)", (name,)),
            )
            for name, _ in children
        ]
        for (name, path), answer in zip(children, self.ask(questions)):
            if answer == (pid,):
                return Node(self, name, path, None)
        return None

    def read_tree(self, root):
        """Fills in ROOT and everything below it that a person can get to see.

        GTK 4.8 does not tell which widgets are mapped. What has no size is left out, and so is what
        lies in the place of another, as the pages of a stack do, when none of its labels is mapped.
        """
        root.read(self.ask(root.get_questions()))
        level = [root]
        everything = [root]
        while level:
            parents = [node for node in level if node.n_children > 0 and node.has_size]
            answers = self.ask([node.question(ACCESSIBLE, "GetChildren") for node in parents])
            children = []
            for parent, answer in zip(parents, answers):
                for name, path in answer[0] if answer else []:
                    if path != NOTHING:
                        child = Node(self, name, path, parent)
                        parent.children.append(child)
                        children.append(child)
            questions = [question for child in children for question in child.get_questions()]
            answers = self.ask(questions)
            for index, child in enumerate(children):
                child.read(answers[index * 4 : index * 4 + 4])
            everything += children
            level = children
        self.find_mapped(everything)
        root.prune()
        return root

    def find_mapped(self, nodes):
        """A label that is not mapped is not found under its own middle, nor an insensitive one."""
        labels = [
            node
            for node in nodes
            if node.role == "label" and node.extents and node.has_size
            and node.is_sensitive_by_parents
        ]
        questions = []
        for label in labels:
            x, y, width, height = label.extents
            middle = GLib.Variant("(iiu)", (x + width // 2, y + height // 2, WINDOW_COORDINATES))
            questions.append(label.question(COMPONENT, "GetAccessibleAtPoint", middle))
        for label, answer in zip(labels, self.ask(questions)):
            label.is_mapped = bool(answer) and answer[0][1] == label.path
            node = label.parent
            while node:
                node.has_mapped_label |= label.is_mapped
                node.has_hidden_label |= not label.is_mapped
                node = node.parent


class Node:
    """A widget as it was when it was asked about; what it does and says is asked anew."""

    def __init__(self, bus, bus_name, path, parent):
        self.bus = bus
        self.bus_name = bus_name
        self.path = path
        self.parent = parent
        self.children = []
        self.role = self.raw_name = self.description = ""
        self.n_children = 0
        self.extents = None  # (x, y, width, height) in the window; None for the application
        self.state_words = set()
        self.is_mapped = True
        self.has_mapped_label = self.has_hidden_label = False

    def __eq__(self, other):
        return isinstance(other, Node) and (self.bus_name, self.path) == (other.bus_name, other.path)

    def __hash__(self):
        return hash((self.bus_name, self.path))

    def question(self, interface, method, arguments=None):
        return self.bus_name, self.path, interface, method, arguments

    def get_questions(self):
        return [
            self.question(PROPERTIES, "GetAll", GLib.Variant("(s)", (ACCESSIBLE,))),
            self.question(ACCESSIBLE, "GetRoleName"),
            self.question(ACCESSIBLE, "GetState"),
            self.question(COMPONENT, "GetExtents", GLib.Variant("(u)", (WINDOW_COORDINATES,))),
        ]

    def read(self, answers):
        properties, role, states, extents = answers
        if properties:
            self.raw_name = properties[0].get("Name", "")
            self.description = properties[0].get("Description", "")
            self.n_children = properties[0].get("ChildCount", 0)
        self.role = role[0] if role else ""
        self.state_words = decode_states(states[0]) if states else set()
        self.extents = extents[0] if extents else None
    @property
    def is_sensitive_by_parents(self):
        """GTK 4.8 calls a widget insensitive only when it is so by itself."""
        node = self
        while node and (node.role == "application" or "sensitive" in node.state_words):
            node = node.parent
        return node is None

    @property
    def has_size(self):
        return self.extents is None or (self.extents[2] > 0 and self.extents[3] > 0)

    def prune(self):
        children = [child for child in self.children if child.has_size and child.is_mapped]
        places = {child.extents[:2] for child in children if child.extents and child.has_mapped_label}
        children = [
            child
            for child in children
            if child.has_mapped_label
            or not child.has_hidden_label
            or not child.extents
            or child.extents[:2] not in places
        ]
        self.children = children
        for child in children:
            child.prune()

    @property
    def name(self):
        """Without what GTK 4.8 adds: underlines of mnemonics, and the child's name again."""
        name = self.raw_name.replace("_", "").strip()
        half = len(name) // 2
        if name[half : half + 1] == " " and name[:half] == name[half + 1 :]:
            name = name[:half]
        return name

    @property
    def is_nameless(self):
        return not self.name or self.raw_name.startswith(TOOLKIT_PREFIXES)

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def is_below(self, *raw_names):
        node = self
        while node and node.raw_name not in raw_names:
            node = node.parent
        return node is not None

    @property
    def words(self):
        """All words in it."""
        return " ".join(node.name for node in self.walk() if not node.is_nameless)

    # -- asked anew

    @property
    def states(self):
        (numbers,) = self.bus.ask_one(*self.question(ACCESSIBLE, "GetState"))
        self.state_words = decode_states(numbers)
        return self.state_words

    @property
    def current_name(self):
        get_name = GLib.Variant("(ss)", (ACCESSIBLE, "Name"))
        (name,) = self.bus.ask_one(*self.question(PROPERTIES, "Get", get_name))
        return name.replace("_", "")

    @property
    def current_description(self):
        get_description = GLib.Variant("(ss)", (ACCESSIBLE, "Description"))
        (words,) = self.bus.ask_one(*self.question(PROPERTIES, "Get", get_description))
        return words

    @property
    def text(self):
        """What stands in a text view or an entry."""
        get_count = GLib.Variant("(ss)", (TEXT, "CharacterCount"))
        (count,) = self.bus.ask_one(*self.question(PROPERTIES, "Get", get_count))
        (text,) = self.bus.ask_one(
            *self.question(TEXT, "GetText", GLib.Variant("(ii)", (0, count)))
        )
        return text

    @property
    def actions(self):
        # GetActions would give them in the person's language
        get_count = GLib.Variant("(ss)", (ACTION, "NActions"))
        (answer,) = self.bus.ask([self.question(PROPERTIES, "Get", get_count)])
        count = answer[0] if answer else 0
        questions = [
            self.question(ACTION, "GetName", GLib.Variant("(i)", (index,))) for index in range(count)
        ]
        return [answer[0] if answer else "" for answer in self.bus.ask(questions)]

    def do(self, action):
        index = self.actions.index(action)
        self.bus.ask_one(*self.question(ACTION, "DoAction", GLib.Variant("(i)", (index,))))

    def dump(self, depth=0):
        """The tree as lines of text."""
        line = f"{'  ' * depth}{self.role} {self.raw_name!r}"
        if self.description:
            line += f" description={self.description!r}"
        if self.role == "text box":
            try:
                line += f" text={self.text!r}"
            except Gone:
                pass
        if self.extents:
            line += " {},{} {}×{}".format(*self.extents)
        lines = [f"{line} {' '.join(sorted(self.state_words))}"]
        for child in self.children:
            lines += child.dump(depth + 1)
        return lines


def decode_states(numbers):
    bits = sum(number << (32 * index) for index, number in enumerate(numbers))
    return {word for number, word in STATES.items() if bits >> number & 1}
