/* The options of gloss-cli caption. */
#pragma once

#include "cli/output.h"

G_BEGIN_DECLS

typedef struct
{
  /* owned, as given or NULL */
  char *model;
  char *tokenizer;
  char *prompt;
  char *task;
  char *language;
  char *text;
  char *start_with;
  char *kv_cache;
  char *arithmetic_name;
  char *resize;
  char *save_input;
  char *files_from;
  char *format_name;
  char **paths;

  int image_size_px;
  int max_tokens;
  int n_beams;
  int n_threads;
  double temperature;
  double top_p;
  gint64 seed;
  gboolean use_softcap;
  gboolean recursive;
  gboolean skip_captioned;
  gboolean with_names;
  gboolean no_names;
  gboolean quiet;

  /* made of the above */
  GlossFormat format;
  GlossArithmetic arithmetic;
  GlossCaptionRequest request; /* strings are borrowed from here */
} GlossCaptionOptions;

/* Takes the options out of @argv and checks them; on FALSE the complaint has been printed. */
gboolean gloss_caption_options_parse (GlossCaptionOptions *options, int argc, char **argv);
void gloss_caption_options_clear (GlossCaptionOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlossCaptionOptions, gloss_caption_options_clear)

G_END_DECLS
