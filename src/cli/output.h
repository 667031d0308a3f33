/* Captions on standard output, as text or JSON, in whole lines whatever interrupts. */
#pragma once

#include "model/captioner.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_FORMAT_TEXT,  /* a line each: the caption, or the file, a tab and the caption */
  GLOSS_FORMAT_JSON,  /* one array of objects */
  GLOSS_FORMAT_JSONL, /* an object a line */
} GlossFormat;

/* How the captions of one run are printed; zero-initialised apart from what is set. */
typedef struct
{
  GlossFormat format;
  gboolean has_names;     /* text: the file comes first */
  gboolean streams;       /* text appears as it comes: a terminal */
  const char *model;      /* borrowed */
  const char *arithmetic; /* static: exact or fast */
  const char *prompt;     /* borrowed */
  const char *start_with; /* borrowed, or NULL */

  guint n_printed;
} GlossOutput;

/*
 * Begin comes before the model is known and prints nothing. From begin to end the signals that end
 * a program (INT, TERM, HUP) do so at once, but between lines, and with a JSON array closed. Main
 * thread; one output at a time.
 */
void gloss_output_begin (GlossOutput *output);
void gloss_output_end (GlossOutput *output);

/* While they are held, signals wait: for work that must not be left half done. Main thread. */
void gloss_output_hold_signals (gboolean is_held);

/* When it streams: the beginning of a line, and a piece of text. */
void gloss_output_begin_file (GlossOutput *output, const char *file);
void gloss_output_stream (GlossOutput *output, const char *text);

/* Ends a line that was begun and got no caption. */
void gloss_output_abandon_file (GlossOutput *output);

/* The caption of @image, read from @file, as one piece; when it streams, what is left of the line.
 * FALSE when standard output could not take it. */
gboolean gloss_output_caption (GlossOutput *output, const char *file, const GlossImage *image,
                               const GlossCaption *caption, double seconds);

G_END_DECLS
