/* The reference's tokenisations in fixtures/text/tokens.json. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Strings with their length, since some hold NUL or malformed UTF-8. */
typedef struct
{
  GString *text;    /* what was encoded; NULL in the list "decode" */
  GArray *ids;      /* gint32 */
  GString *decoded; /* what the ids decode to */
} TokenCase;

/* One list of the file, "base", "full" or "decode": an array of TokenCase that it owns. */
GPtrArray *token_cases_load (const char *list);

/* A tokenizer file of the fixtures, "base.model" or "full.model". */
char *token_cases_model_path (const char *name);

G_END_DECLS
