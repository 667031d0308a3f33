/* The parts of gloss-cli data. */
#pragma once

#include "cli/commands.h"

G_BEGIN_DECLS

typedef struct
{
  const char *path;  /* NULL: the captions that the person edited */
  const char *model; /* whose tokenizer counts; NULL: the demo's */
  double hold_out;   /* share of the pictures */
  guint64 seed;
  guint max_tokens;
  gboolean looks_at_pictures;
  gboolean is_json;
} GlossDataCheck;

/* Prints the report on standard output; returns the exit status. */
int gloss_data_check_run (const GlossDataCheck *check);

G_END_DECLS
