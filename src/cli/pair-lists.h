/* The lists of pictures and captions that a person names for a command. */
#pragma once

#include "dataset/pairs.h"

G_BEGIN_DECLS

/* All borrowed. */
typedef struct
{
  const char *path;       /* NULL: captions that the person edited */
  const char *validation; /* the list of held-out pictures; NULL: some of @path's are held out */
  double validation_share;
  guint64 seed;
  gboolean quiet; /* says nothing about what cannot be used */
} GlossPairLists;

/* "edited captions", or the path, to begin a complaint with; borrowed. */
const char *gloss_pair_lists_get_name (const GlossPairLists *lists);

/*
 * Reads them, splits the one there is, and says on standard error how much cannot be used.
 * @held_out is NULL where no list of held-out pictures is named. Fails as gloss_pairs_read () and
 * gloss_edited_pairs_read_default () do.
 */
gboolean gloss_pair_lists_read (const GlossPairLists *lists, GlossPairs **pairs,
                                GlossPairs **held_out, GCancellable *cancellable, GError **error);

/* Whether a command with @data, NULL-terminated or NULL, was given one list, or --edited. */
gboolean gloss_pair_lists_check (const char *command, char **data, gboolean is_edited);

G_END_DECLS
