/* The same weights under every name that big_vision has given them. */
#include "base/error.h"
#include "model/fixture.h"
#include "model/siglip.h"
#include "support/asserts.h"
#include "weights/builder.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  GPtrArray *names;    /* owned */
  GPtrArray *contents; /* GByteArray, taken by gloss_test_zip_new () */
} Archive;

static void
add (Archive *archive, const char *prefix, const char *name, const GlossTensorView *view,
     guint first_dim, gsize offset, gsize n_bytes)
{
  g_autoptr (GString) dictionary =
      g_string_new ("{'descr': '<f4', 'fortran_order': False, 'shape': (");
  GByteArray *npy;

  for (guint i = first_dim; i < view->n_dims; i++)
    g_string_append_printf (dictionary, "%" G_GSIZE_FORMAT ", ", view->dims[i]);
  g_string_append (dictionary, "), }");
  npy = gloss_test_npy_new (1, dictionary->str, 0);
  g_byte_array_append (npy, view->data + offset, (guint) n_bytes);
  g_ptr_array_add (archive->names, g_strconcat (prefix, name, ".npy", NULL));
  g_ptr_array_add (archive->contents, npy);
}

/* fixtures/paligemma1/weights.f32.npz with @prefix before every name, its vision blocks one by one
 * if @unstacked, and with optimizer state of the same names if @with_state. */
static char *
rewrite (const char *folder, const char *prefix, gboolean unstacked, gboolean with_state)
{
  g_autofree char *source = gloss_test_path ("fixtures/paligemma1/weights.f32.npz");
  g_autoptr (GlossWeights) weights = gloss_weights_open (source, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) contents = g_ptr_array_new ();
  Archive archive = { names, contents };
  g_autoptr (GByteArray) zip = NULL;

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      const char *stack = strstr (view->name, "encoderblock/");

      if (with_state)
        add (&archive, "opt/target/", view->name, view, 0, 0, view->n_bytes);
      if (!stack || !unstacked)
        {
          add (&archive, prefix, view->name, view, 0, 0, view->n_bytes);
          continue;
        }
      for (gsize layer = 0; layer < view->dims[0]; layer++)
        {
          gsize n_bytes = view->n_bytes / view->dims[0];
          g_autofree char *name = g_strdup_printf ("%.*sencoderblock_%" G_GSIZE_FORMAT "/%s",
                                                   (int) (stack - view->name), view->name, layer,
                                                   stack + strlen ("encoderblock/"));

          add (&archive, prefix, name, view, 1, layer * n_bytes, n_bytes);
        }
    }
  zip = gloss_test_zip_new (GLOSS_TEST_ZIP_PLAIN, names->len, (const char *const *) names->pdata,
                            (GByteArray **) contents->pdata, NULL);
  return gloss_test_write (folder, "renamed.npz", zip->data, zip->len);
}

static float *
encode (GlossModel *model, Fixture *fixture, gsize *n_out)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  g_autoptr (GlossPool) pool = gloss_pool_new (1);
  g_autoptr (GlossArena) arena = gloss_arena_new (gloss_siglip_get_workspace_bytes (config), NULL);
  gsize n;
  g_autofree float *image = fixture_get_floats (fixture, "image", &n);
  float *out;

  *n_out = config->n_image_tokens * config->width;
  out = g_new (float, *n_out);
  gloss_siglip_encode (model, pool, arena, out, image, NULL);
  return out;
}

static void
test_every_naming_should_be_the_same_model (void)
{
  static const struct
  {
    const char *prefix;
    gboolean unstacked, with_state;
  } cases[] = {
    { "params/", FALSE, FALSE }, { "opt/target/", FALSE, FALSE }, { "", TRUE, FALSE },
    { "params/", TRUE, FALSE },  { "params/", FALSE, TRUE },
  };
  g_autoptr (Fixture) fixture = fixture_new ("paligemma1");
  g_autoptr (GlossModel) plain = fixture_load_model (fixture, "weights.f32.npz");
  gsize n_expected;
  g_autofree float *expected = encode (plain, fixture, &n_expected);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *folder = gloss_test_folder_new ();
      g_autofree char *path =
          rewrite (folder, cases[i].prefix, cases[i].unstacked, cases[i].with_state);
      g_autoptr (GError) error = NULL;
      g_autoptr (GlossModel) model = gloss_model_load (path, NULL, &error);
      g_autofree float *got = NULL;
      gsize n;

      g_assert_no_error (error);
      g_assert_cmpuint (gloss_model_get_config (model)->vit_depth, ==, 3);
      g_assert_null (gloss_checkpoint_get_unknown (gloss_model_get_checkpoint (model))[0]);
      got = encode (model, fixture, &n);
      g_assert_cmpmem (got, n * sizeof (float), expected, n_expected * sizeof (float));
      gloss_test_folder_remove (folder);
    }
}

static void
test_the_same_name_twice_should_be_refused (void)
{
  char *folder = gloss_test_folder_new ();
  g_autofree char *path = rewrite (folder, "", FALSE, TRUE);
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_model_load (path, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           "twice under different prefixes");
  gloss_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/checkpoint/every-naming-should-be-the-same-model",
                   test_every_naming_should_be_the_same_model);
  g_test_add_func ("/model/checkpoint/the-same-name-twice-should-be-refused",
                   test_the_same_name_twice_should_be_refused);
  return g_test_run ();
}
