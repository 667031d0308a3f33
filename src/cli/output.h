/* Captions on standard output, as text or JSON. */
#pragma once

#include "model/captioner.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_FORMAT_TEXT,  /* the caption; with several files the file, a tab, the caption */
  GLOSS_FORMAT_JSON,  /* one array of objects */
  GLOSS_FORMAT_JSONL, /* an object a line */
} GlossFormat;

/* How the captions of one run are printed; zero-initialised apart from what is set. */
typedef struct
{
  GlossFormat format;
  gboolean several_files;
  gboolean streams;       /* text appears as it comes: a terminal */
  const char *model;      /* borrowed */
  const char *prompt;     /* borrowed */
  const char *start_with; /* borrowed, or NULL */

  guint n_printed;
} GlossOutput;

/* Before the first and after the last file. */
void gloss_output_begin (GlossOutput *output);
void gloss_output_end (GlossOutput *output);

/* When it streams: the beginning of a line, and a piece of text. */
void gloss_output_begin_file (GlossOutput *output, const char *file);
void gloss_output_stream (GlossOutput *output, const char *text);

/* Ends a line that was begun and got no caption. */
void gloss_output_abandon_file (GlossOutput *output);

/* The caption of @image, read from @file, in one write; when it streams, what is left of the line.
 */
void gloss_output_caption (GlossOutput *output, const char *file, const GlossImage *image,
                           const GlossCaption *caption, double seconds);

/* FALSE, with the reason, when standard output could not take everything. */
gboolean gloss_output_check (GlossOutput *output, GError **error);

G_END_DECLS
