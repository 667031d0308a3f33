/* What the readers of the layouts share; nobody else includes this. */
#pragma once

#include "dataset/pairs.h"

G_BEGIN_DECLS

struct _GlossPairsReader
{
  GlossPairs *pairs;  /* borrowed */
  GHashTable *seen;   /* owned; pictures with their captions, as checksums */
  const char *folder; /* borrowed; of the list that is being read */
  gboolean is_held_out;
  GCancellable *cancellable; /* borrowed, may be NULL */
};

/* Counts a problem of @kind, and names it: takes @words. */
void gloss_pairs_reader_complain (GlossPairsReader *reader, GlossPairsProblem kind, char *words);

/* Reads one file of a layout. FALSE when nothing of it can be used. */
gboolean gloss_pairs_read_jsonl (GlossPairsReader *reader, const char *path, GError **error);
gboolean gloss_pairs_read_csv (GlossPairsReader *reader, const char *path, GError **error);
gboolean gloss_pairs_read_coco (GlossPairsReader *reader, const char *path, GError **error);
gboolean gloss_pairs_read_sidecars (GlossPairsReader *reader, const char *path, GError **error);

/* Which of the names of columns that people use @names has, by a list of their spellings. */
const char *gloss_pairs_find_column (const char *const *names, const char *const *spellings);
extern const char *const gloss_pairs_image_spellings[];
extern const char *const gloss_pairs_suffix_spellings[];
extern const char *const gloss_pairs_prefix_spellings[];

G_END_DECLS
