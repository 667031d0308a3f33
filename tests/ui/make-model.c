/*
 * Models that need no disk, as files of holes:
 *
 *   make-model slow FOLDER TOKENIZER   one that looks at a picture for seconds and says nonsense
 *   make-model huge FOLDER             PaliGemma 2 of 28B parameters, which does not fit anywhere
 *
 * Prints the path. Fails with a sentence where the disk makes no such files.
 */
#include "model/full-size.h"
#include "model/tokenizer.h"

#include <string.h>

/* The picture tower as published, at 448 pixels; of the language's no more than it takes. */
static gboolean
get_slow_config (GlossModelConfig *config, const char *tokenizer_path, GError **error)
{
  g_autoptr (GlossTokenizer) tokenizer = gloss_tokenizer_load (tokenizer_path, error);

  if (!tokenizer)
    return FALSE;
  full_size_get_config (config, FULL_SIZE_PALIGEMMA_3B, 448);
  config->n_table_rows = gloss_tokenizer_get_n_pieces (tokenizer);
  config->width = 256;
  config->depth = 2;
  config->mlp_dim = 512;
  config->n_heads = 4;
  config->head_dim = 64;
  return TRUE;
}

int
main (int argc, char **argv)
{
  gboolean is_slow = argc == 4 && strcmp (argv[1], "slow") == 0;
  gboolean is_huge = argc == 3 && strcmp (argv[1], "huge") == 0;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  GlossModelConfig config;
  const char *why = NULL;

  if (!is_slow && !is_huge)
    {
      g_printerr ("make-model: slow FOLDER TOKENIZER, or huge FOLDER\n");
      return 2;
    }
  if (is_huge)
    full_size_get_config (&config, FULL_SIZE_PALIGEMMA2_28B, 896);
  else if (!get_slow_config (&config, argv[3], &error))
    {
      g_printerr ("make-model: %s\n", error->message);
      return 1;
    }
  path = full_size_write_holes (argv[2], &config, &why);
  if (!path)
    {
      g_printerr ("make-model: %s\n", why);
      return 1;
    }
  g_print ("%s\n", path);
  return 0;
}
