"""Whether everything that a person can press, choose or fill in has a name."""
from gloss_ui import *

# What a person can press, choose or fill in, by GTK's names.
CONTROLS = {
    "button",
    "check box",
    "checkbox",
    "combo box",
    "list item",
    "menu item",
    "menu item check box",
    "menu item radio",
    "radio",
    "search box",
    "slider",
    "spin button",
    "switch",
    "text box",
    "toggle button",
}


def find_nameless(tree, forgiven=()):
    """Controls below TREE without a name of their own. FORGIVEN: raw names of containers."""
    return [
        node
        for node in tree.walk()
        if node.role in CONTROLS and node.is_nameless and not node.is_below(*forgiven)
    ]


def expect_names(program, state, forgiven=()):
    tree = program.look()
    nameless = find_nameless(tree, forgiven)
    where = "; ".join(" < ".join(up.raw_name or up.role for up in get_chain(node)) for node in nameless)
    expect(not nameless, f"{state}: {len(nameless)} controls have no name: {where}")
    n = sum(node.role in CONTROLS for node in tree.walk())
    expect(n > 3, f"{state}: only {n} controls were found at all")


def get_chain(node):
    while node and node.role != "window":
        yield node
        node = node.parent
