/* A store of captions in a folder of its own, for the tests. */
#pragma once

#include "library/caption-store.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder;             /* owned */
  char *path;               /* owned; of the store */
  GlossCaptionStore *store; /* owned; open */
} Captions;

void gloss_captions_set_up (Captions *captions, gconstpointer unused);
void gloss_captions_tear_down (Captions *captions, gconstpointer unused);
void gloss_captions_add_test (const char *path, void (*func) (Captions *, gconstpointer));

/* Opens @path, which must work without anything being set aside. */
GlossCaptionStore *gloss_captions_open (const char *path);
void gloss_captions_close (Captions *captions);
void gloss_captions_reopen (Captions *captions);

/* The file @name in the folder, newly allocated; with @content (may be NULL) written. */
char *gloss_captions_make_picture (const Captions *captions, const char *name, const char *content);

/* A caption of the model "m" for the prompt "p". */
void gloss_captions_set (GlossCaptionStore *store, const char *picture, const char *text);
void gloss_captions_edit (GlossCaptionStore *store, const char *picture, const char *text);

/* The current caption and the history in one line: "current|newest|…|oldest", "-" when there is no
 * current one; behind the text of an edited one stands "*", of one from a sidecar "+". */
char *gloss_captions_describe (GlossCaptionStore *store, const char *picture);
#define gloss_captions_assert(store, picture, expected)                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *described = gloss_captions_describe (store, picture);                         \
    g_assert_cmpstr (described, ==, expected);                                                     \
  }                                                                                                \
  G_STMT_END

/* How many files beside the store, journals aside, have @part in their names. */
guint gloss_captions_count_files (const Captions *captions, const char *part);

/* Whether the bytes of @text are in any file of the folder. */
gboolean gloss_captions_holds_bytes (const Captions *captions, const char *text);

G_END_DECLS
