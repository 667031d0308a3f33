/* Which of the files that a source has make up a model. */
#include "library/install-choose.h"

#include "base/error.h"
#include "base/i18n.h"
#include "library/model-files.h"

#include <string.h>

static gboolean
has_suffix (const GlossSourceFile *file, const char *suffix)
{
  g_autofree char *folded = g_ascii_strdown (file->name, -1);

  return g_str_has_suffix (folded, suffix);
}

static gboolean
is_tokenizer (const GlossSourceFile *file)
{
  g_autofree char *base = g_path_get_basename (file->name);

  return g_strv_contains (gloss_model_files_get_tokenizer_names (), base);
}

/* Adds @file unless one of the same last part is there, since all go into one folder. */
static void
add_file (GPtrArray *chosen, GlossSourceFile *file)
{
  g_autofree char *base = g_path_get_basename (file->name);

  for (guint i = 0; i < chosen->len; i++)
    {
      const GlossSourceFile *other = g_ptr_array_index (chosen, i);
      g_autofree char *other_base = g_path_get_basename (other->name);

      if (strcmp (base, other_base) == 0)
        return;
    }
  g_ptr_array_add (chosen, file);
}

GPtrArray *
gloss_install_choose_files (const GPtrArray *files, GError **error)
{
  /* half the size of the 32-bit one, and what Google made it from or to */
  static const char *const suffixes[] = { ".f16.npz", ".b16.npz", ".bf16.npz", ".npz",
                                          ".tar.gz",  ".tgz",     ".zip" };
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  gboolean has_weights = FALSE;

  for (guint i = 0; i < files->len; i++)
    {
      GlossSourceFile *file = g_ptr_array_index (files, i);
      g_autofree char *base = g_path_get_basename (file->name);

      if (strcmp (base, "model.safetensors") == 0
          || (g_str_has_prefix (base, "model-") && g_str_has_suffix (base, ".safetensors")))
        has_weights = TRUE;
      else if (strcmp (base, "config.json") != 0
               && strcmp (base, "model.safetensors.index.json") != 0)
        continue;
      add_file (chosen, file);
    }
  if (!has_weights)
    g_ptr_array_set_size (chosen, 0);
  for (guint s = 0; s < G_N_ELEMENTS (suffixes) && chosen->len == 0; s++)
    {
      for (guint i = 0; i < files->len && chosen->len == 0; i++)
        {
          GlossSourceFile *file = g_ptr_array_index (files, i);

          if (has_suffix (file, suffixes[s]) && !has_suffix (file, "vae-oid.npz"))
            g_ptr_array_add (chosen, file);
        }
    }
  if (chosen->len == 0)
    {
      g_set_error_literal (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           _ ("there are neither safetensors nor a .npz among its files, so Gloss "
                              "cannot use it"));
      return NULL;
    }
  for (guint i = 0; i < files->len; i++)
    {
      if (is_tokenizer (g_ptr_array_index (files, i)))
        {
          add_file (chosen, g_ptr_array_index (files, i));
          break;
        }
    }
  return g_steal_pointer (&chosen);
}

GlossSourceFile *
gloss_install_find_archive (const GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      GlossSourceFile *file = g_ptr_array_index (files, i);

      if (has_suffix (file, ".tar.gz") || has_suffix (file, ".tgz") || has_suffix (file, ".zip"))
        return file;
    }
  return NULL;
}
