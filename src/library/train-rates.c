/* How fast this machine fine-tunes a model. */
#include "library/train-rates.h"

#include "base/atomic-file.h"
#include "weights/identity.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES (1 << 20)
/* Another way to measure or to count makes what is kept worthless. */
#define VERSION 3

static char *
make_path (void)
{
  return g_build_filename (g_get_user_cache_dir (), "gloss", "rates.json", NULL);
}

/* Model, resolution and machine in one word. */
static char *
make_key (GlossModel *model, GlossPool *pool)
{
  g_autoptr (json_t) identity = gloss_weights_make_identity (
      gloss_checkpoint_get_weights (gloss_model_get_checkpoint (model)));
  const char *sum = json_string_value (json_object_get (identity, "sha256"));

  g_autofree char *machine = gloss_train_rates_name_machine (pool);

  return g_strdup_printf ("%d %s %zu %s", VERSION, sum,
                          gloss_model_config_get_image_size_px (gloss_model_get_config (model)),
                          machine);
}

static json_t *
read_all (void)
{
  g_autofree char *path = make_path ();
  json_t *root = gloss_json_load (path, MAX_BYTES, NULL);

  return root ? root : json_object ();
}

static gboolean
find (json_t *root, const char *key, GlossTrainRates *rates)
{
  json_t *entry = json_object_get (root, key);

  rates->encoder_seconds = json_number_value (json_object_get (entry, "encoder_seconds"));
  rates->language_flops = json_number_value (json_object_get (entry, "language_flops"));
  rates->adapter_flops = json_number_value (json_object_get (entry, "adapter_flops"));
  rates->update_bytes = json_number_value (json_object_get (entry, "update_bytes"));
  return rates->encoder_seconds > 0 && rates->language_flops > 0 && rates->adapter_flops > 0
         && rates->update_bytes > 0;
}

/* Measuring again is all that it costs when this fails. */
static void
keep (json_t *root, const char *key, const GlossTrainRates *rates)
{
  g_autofree char *path = make_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  char *text;

  if (json_object_set_new (root, key,
                           json_pack ("{s:f, s:f, s:f, s:f}", "encoder_seconds",
                                      rates->encoder_seconds, "language_flops",
                                      rates->language_flops, "adapter_flops", rates->adapter_flops,
                                      "update_bytes", rates->update_bytes))
      != 0)
    return;
  g_mkdir_with_parents (folder, 0700);
  text = json_dumps (root, JSON_INDENT (1));
  gloss_atomic_file_write (path, text, strlen (text), NULL);
  free (text);
}

gboolean
gloss_train_rates_look_up (GlossTrainRates *rates, GlossModel *model, GlossPool *pool)
{
  g_autoptr (json_t) root = read_all ();
  g_autofree char *key = make_key (model, pool);

  return find (root, key, rates);
}

gboolean
gloss_train_rates_get (GlossTrainRates *rates, GlossModel *model, GlossPool *pool, gsize n_vocab,
                       gsize n_ids, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) root = read_all ();
  g_autofree char *key = make_key (model, pool);

  if (find (root, key, rates))
    return TRUE;
  if (!gloss_train_rates_measure (rates, model, pool, n_vocab, n_ids, cancellable, error))
    return FALSE;
  keep (root, key, rates);
  return TRUE;
}
