"""Dropping where the desktop's portals run, as they do on a desktop."""
from gloss_ui import *


@case("/ui/portal/a-dropped-file-should-be-opened")
def _(world):
    path = world.copy_picture()
    program = world.start()
    program.drop_files(path)
    wait_until(lambda: path.name in program.title, 20, f"“{path.name}” in the title")


# The document portal of Debian 12 passes no folders on.
@case("/ui/portal/a-dropped-folder-should-be-opened-all-the-same")
def _(world):
    paths = world.copy_pictures(2, 4, 6)
    program = world.start()
    program.drop_files(paths[0].parent)
    wait_until(lambda: paths[0].name in program.title, 20, f"“{paths[0].name}” in the title")
    wait_until(lambda: len(program.film_strip) == 3, 10, "three pictures in the film strip")


run_cases()
