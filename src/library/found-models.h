/* The PaliGemma checkpoints on this machine: their names, and whether they are whole. */
#pragma once

#include "library/model-place.h"

G_BEGIN_DECLS

typedef struct
{
  GlossModelPlace place;
  char *name;      /* owned; UTF-8, printable, and no other has it */
  char *path;      /* owned; what to open: a folder with safetensors, or an npz or prepared file */
  char *tokenizer; /* owned; the path of its tokenizer, or NULL */
  char *family;    /* owned; "PaliGemma" or "PaliGemma 2"; NULL where config.json does not say */
  char *base;      /* owned; the name of the model that it was fine-tuned from, or where that is
                      not among those found its path as text; NULL: it is no fine-tuned one */
  guint64 n_bytes; /* of its files, links followed */
  char *missing;   /* owned; what it needs and has not, in words (valid UTF-8); NULL when whole */
  gboolean lacks_only_tokenizer; /* nothing else is missing */
} GlossFoundModel;

void gloss_found_model_free (GlossFoundModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossFoundModel, gloss_found_model_free)

/*
 * Looks for checkpoints in @folders, one for each GlossModelPlace, of which any may be NULL or not
 * there. They are recognised by the names of files and by config.json; weights are not opened.
 * Other models are left out, and so is what cannot be read. Their names are, by place: "demo"; the
 * name of the folder; "OWNER/NAME", with "@REVISION" when refs/main names another one; and
 * "OWNER/MODEL/FRAMEWORK/VARIATION/VERSION". Of several npz and prepared files in a folder each has
 * its own name after it.
 *
 * Folders are entered to the depth that a place has, and at most GLOSS_MAX_ENTRIES of their entries
 * are looked at in each place; @is_cut (may be NULL), an array with one element for each place,
 * gets whether there were more. Returns a new array of GlossFoundModel, sorted by place and name.
 * Never fails. Any thread; it waits for the disk.
 */
#define GLOSS_MAX_ENTRIES 20000
GPtrArray *gloss_found_models_list (const char *const *folders, gboolean *is_cut);

/* The same in the folders that the places have here. */
GPtrArray *gloss_found_models_list_here (void);

/*
 * The one of @models, which gloss_found_models_list () made, that @name means: its name, else the
 * name in other letters, else the end of a name from a "/" on ("paligemma-3b-mix-224"), else one
 * that has but a revision, a version or a file after it. Of several that fit equally well it
 * is the only one that is whole. Borrowed from @models.
 * NULL with G_IO_ERROR_NOT_FOUND, in a sentence with names like it; with
 * G_IO_ERROR_INVALID_ARGUMENT when it fits several; or with GLOSS_ERROR_FORMAT when more than a
 * tokenizer is missing. Any thread.
 */
const GlossFoundModel *gloss_found_models_resolve (const GPtrArray *models, const char *name,
                                                   GError **error);

G_END_DECLS
