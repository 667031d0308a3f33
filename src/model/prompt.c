/* The sequence that the model reads, and who sees whom in it: a prefix language model. */
#include "model/prompt.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

GlossPrompt *
gloss_prompt_new (GlossTokenizer *tokenizer, const char *prefix, const char *start_with,
                  gsize n_image_tokens, GError **error)
{
  g_autoptr (GlossPrompt) prompt = g_new0 (GlossPrompt, 1);
  gint32 bos = gloss_tokenizer_get_bos_id (tokenizer);
  guint n_prefix;

  prompt->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  prompt->n_visible = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_append_val (prompt->ids, bos);
  if (!gloss_tokenizer_encode (tokenizer, prefix, strlen (prefix), prompt->ids, error)
      || !gloss_tokenizer_encode (tokenizer, "\n", 1, prompt->ids, error))
    return NULL;
  n_prefix = prompt->ids->len;
  if (start_with
      && !gloss_tokenizer_encode (tokenizer, start_with, strlen (start_with), prompt->ids, error))
    return NULL;
  if (prompt->ids->len > GLOSS_PROMPT_MAX_TOKENS)
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
          _ ("the prompt, with what the answer starts with, has %u tokens, but at most %d are "
             "read; shorten it"),
          prompt->ids->len, GLOSS_PROMPT_MAX_TOKENS);
      return NULL;
    }

  for (gsize i = 0; i < n_image_tokens + prompt->ids->len; i++)
    {
      guint n_visible = (guint) MAX (n_image_tokens + n_prefix, i + 1);

      g_array_append_val (prompt->n_visible, n_visible);
    }
  return g_steal_pointer (&prompt);
}

void
gloss_prompt_free (GlossPrompt *prompt)
{
  g_clear_pointer (&prompt->ids, g_array_unref);
  g_clear_pointer (&prompt->n_visible, g_array_unref);
  g_free (prompt);
}
