/* The sequence that the model reads: image tokens, prompt, and what it must start with. */
#pragma once

#include "model/tokenizer.h"

G_BEGIN_DECLS

/* More text than any checkpoint was trained with; keeps a wild prompt from taking all memory. */
#define GLOSS_PROMPT_MAX_TOKENS 4096

typedef struct
{
  GArray *ids; /* gint32: bos, prefix, newline, start; the image tokens stand before them and have
                  none */
  GArray *n_visible; /* guint: for each image token and each id, how many rows it sees */
} GlossPrompt;

/*
 * Encodes bos + @prefix + "\n" + @start_with, the newline on its own, so that it never merges with
 * the end of the prefix.
 * @n_image_tokens and the prefix see one another; each token of @start_with (may be NULL) sees all
 * before it and itself. Fails with GLOSS_ERROR_TOO_LARGE beyond GLOSS_PROMPT_MAX_TOKENS. Any
 * thread.
 */
GlossPrompt *gloss_prompt_new (GlossTokenizer *tokenizer, const char *prefix,
                               const char *start_with, gsize n_image_tokens, GError **error);
void gloss_prompt_free (GlossPrompt *prompt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPrompt, gloss_prompt_free)

G_END_DECLS
