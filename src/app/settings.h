/* The person's settings. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The settings of data/io.github.gloss.Gloss.gschema.xml; borrowed, made at the first call. The
 * schema is looked for beside the program, so that a moved or a built tree works, and then where
 * the system has them; without any the program ends with a sentence. Main thread.
 */
GSettings *gloss_settings_get (void);

/* The folder of the running program, newly allocated; NULL when the system does not tell. */
char *gloss_settings_get_program_folder (void);

G_END_DECLS
