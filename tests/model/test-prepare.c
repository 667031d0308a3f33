/* Preparing: every value comes to its place, and what cannot be done leaves nothing. */
#include "model/prepare.h"

#include "base/error.h"
#include "model/fixture.h"
#include "model/full-size.h"
#include "model/gemma.h"
#include "model/siglip.h"
#include "support/asserts.h"
#include "weights/builder.h"
#include "weights/prepared.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>

static const char *const sources[] = {
  "paligemma1/weights.f32.npz",
  "paligemma1/weights.bf16.npz",
  "paligemma1/weights.f16.npz",
  "paligemma1/hf",
  "paligemma2/weights.f32.npz",
  "paligemma2/weights.bf16.npz",
  "paligemma2/hf",
  "paligemma2-27b-like/weights.f32.npz",
  "paligemma2-27b-like/hf",
};

/* A folder of its own, and "x.gloss" in it. */
typedef struct
{
  char *folder;
  char *path;
} Scratch;

static void
set_up (Scratch *scratch, gconstpointer data)
{
  scratch->folder = gloss_test_folder_new ();
  scratch->path = g_build_filename (scratch->folder, "x.gloss", NULL);
}

static void
tear_down (Scratch *scratch, gconstpointer data)
{
  g_free (scratch->path);
  gloss_test_folder_remove (scratch->folder);
}

static char *
make_source_path (const char *source)
{
  g_autofree char *relative = g_build_filename ("fixtures", source, NULL);

  return gloss_test_path (relative);
}

static gboolean
prepare (const char *source, const char *path, GError **error)
{
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open_streamed (source, NULL, error);
  g_autoptr (GlossPreparation) preparation =
      checkpoint ? gloss_preparation_new (checkpoint, error) : NULL;

  return preparation && gloss_preparation_write (preparation, path, FALSE, NULL, NULL, NULL, error);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

/* The input of pixels (y, x, colour) that is @in in colour planes. */
static gsize
find_in_pixels (gsize in, gsize patch_px)
{
  return in % (patch_px * patch_px) * 3 + in / (patch_px * patch_px);
}

static void
compare_matrices (GlossModel *source, GlossModel *made, GlossTensorRole role, gsize layer)
{
  const GlossMatrix *a = gloss_model_get_matrix (source, role, layer);
  const GlossMatrix *b = gloss_model_get_matrix (made, role, layer);
  gsize patch_px = gloss_model_get_config (source)->patch_size_px;
  gboolean is_reordered =
      role == GLOSS_TENSOR_PATCH_KERNEL && !gloss_model_has_planar_patches (source);

  g_assert_cmpint (b->dtype, ==, a->dtype);
  g_assert_cmpuint (b->n_in, ==, a->n_in);
  g_assert_cmpuint (b->n_out, ==, a->n_out);
  g_assert_true (b->is_packed);
  g_assert_cmpuint ((gsize) b->data % 64, ==, 0);
  for (gsize out = 0; out < a->n_out; out++)
    {
      for (gsize in = 0; in < a->n_in; in++)
        {
          gsize source_in = is_reordered ? find_in_pixels (in, patch_px) : in;
          gsize n = gloss_dtype_get_size_bytes (a->dtype);

          g_assert_cmpmem (gloss_matrix_get_element (b, in, out), n,
                           gloss_matrix_get_element (a, source_in, out), n);
        }
    }
}

static void
test_every_value_should_come_to_its_place (Scratch *scratch, gconstpointer data)
{
  g_autofree char *path = make_source_path (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) source = gloss_model_load (path, NULL, &error);
  g_autoptr (GlossModel) made = NULL;
  const GlossModelConfig *config;

  prepare (path, scratch->path, &error);
  g_assert_no_error (error);
  made = gloss_model_load (scratch->path, NULL, &error);
  g_assert_no_error (error);
  config = gloss_model_get_config (made);
  g_assert_cmpmem (config, sizeof *config, gloss_model_get_config (source), sizeof *config);
  g_assert_null (gloss_checkpoint_get_unknown (gloss_model_get_checkpoint (made))[0]);
  for (guint role = 0; role < GLOSS_N_TENSOR_ROLES; role++)
    {
      gsize n_layers = gloss_tensor_role_count_layers (role, config);

      if (!gloss_tensor_role_is_used (
              role, gloss_checkpoint_get_naming (gloss_model_get_checkpoint (made))))
        continue;
      for (gsize layer = 0; layer < n_layers; layer++)
        {
          gsize n;

          if (!gloss_tensor_role_is_vector (role))
            {
              compare_matrices (source, made, role, layer);
              continue;
            }
          n = gloss_checkpoint_find (gloss_model_get_checkpoint (made), role, layer)->dims[0];
          g_assert_cmpmem (gloss_model_get_vector (made, role, layer), n * sizeof (float),
                           gloss_model_get_vector (source, role, layer), n * sizeof (float));
        }
    }
}

/* Image tokens of the first picture, and the logits behind them and a few tokens. */
static float *
run_model (GlossModel *model, Fixture *fixture, gsize *n)
{
  const GlossModelConfig *config = gloss_model_get_config (model);
  static const gint32 ids[] = { 2, 100, 200, 108 };
  gsize n_image = config->n_image_tokens, n_rows = n_image + G_N_ELEMENTS (ids), n_pixels;
  gsize n_states = n_rows * config->width;
  g_autoptr (GlossPool) pool = gloss_pool_new (2);
  g_autoptr (GlossArena) arena =
      gloss_arena_new (MAX (gloss_siglip_get_workspace_bytes (config),
                            gloss_gemma_get_workspace_bytes (config, n_rows)),
                       NULL);
  g_autoptr (GlossKvCache) cache = gloss_kv_cache_new (config, n_rows, 1, 2, GLOSS_KV_F32, NULL);
  g_autofree float *image = fixture_get_floats (fixture, "image", &n_pixels);
  g_autofree guint *n_visible = g_new (guint, n_rows);
  float *out;

  *n = n_states + 2 * config->n_table_rows;
  out = g_new (float, *n);
  for (gsize i = 0; i < n_rows; i++)
    n_visible[i] = (guint) n_rows;
  gloss_siglip_encode (model, pool, arena, out, image, NULL);
  gloss_gemma_embed (model, out + n_image * config->width, ids, G_N_ELEMENTS (ids));
  gloss_gemma_prefill (model, pool, arena, cache, out, n_rows, n_visible, n_rows, NULL);
  gloss_gemma_logits (model, pool, out + n_states, out + n_states - config->width, 1,
                      config->n_table_rows, 0);
  gloss_gemma_embed (model, out, ids, 1);
  gloss_gemma_step (model, pool, arena, cache, out, 1, NULL);
  gloss_gemma_logits (model, pool, out + n_states + config->n_table_rows, out, 1,
                      config->n_table_rows, 0);
  return out;
}

/* The sums of packed weights have another order: each of a few hundred steps may differ by
 * roundings, as the golden numbers of test-golden.c do. */
static void
test_results_should_be_those_of_the_source (Scratch *scratch, gconstpointer data)
{
  g_auto (GStrv) parts = g_strsplit (data, "/", 2);
  g_autofree char *path = make_source_path (data);
  g_autoptr (Fixture) fixture = fixture_new (parts[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossModel) source = gloss_model_load (path, NULL, &error);
  g_autoptr (GlossModel) made = NULL;
  g_autofree float *expected = NULL, *got = NULL;
  gsize n, n_got;

  prepare (path, scratch->path, &error);
  g_assert_no_error (error);
  made = gloss_model_load (scratch->path, NULL, &error);
  expected = run_model (source, fixture, &n);
  got = run_model (made, fixture, &n_got);
  g_assert_cmpuint (n_got, ==, n);
  gloss_assert_close (got, expected, n, 5e-6 * gloss_max_abs (expected, n), "prepared");
}

static const char *
get_descr (GlossDtype dtype)
{
  return dtype == GLOSS_DTYPE_F32 ? "<f4" : dtype == GLOSS_DTYPE_F16 ? "<f2" : "<V2";
}

/* The npz at @source with its members deflated, as numpy.savez_compressed writes them. */
static char *
deflate_npz (const char *source, const char *folder, gsize *offsets)
{
  g_autoptr (GlossWeights) weights = gloss_weights_open (source, NULL);
  guint n = gloss_weights_get_n_tensors (weights);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) contents = g_ptr_array_new ();
  g_autoptr (GByteArray) zip = NULL;

  for (guint i = 0; i < n; i++)
    {
      const GlossTensorView *view = gloss_weights_get_tensor (weights, i);
      g_autoptr (GString) dictionary = g_string_new (NULL);
      GByteArray *npy;

      g_string_printf (dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                       get_descr (view->dtype));
      for (guint d = 0; d < view->n_dims; d++)
        g_string_append_printf (dictionary, "%" G_GSIZE_FORMAT ", ", view->dims[d]);
      g_string_append (dictionary, "), }");
      npy = gloss_test_npy_new (1, dictionary->str, 0);
      g_byte_array_append (npy, view->data, (guint) view->n_bytes);
      g_ptr_array_add (contents, npy);
      g_ptr_array_add (names, g_strconcat (view->name, ".npy", NULL));
    }
  zip = gloss_test_zip_new_deflated (n, (const char *const *) names->pdata,
                                     (GByteArray **) contents->pdata, offsets, NULL);
  return gloss_test_write (folder, "deflated.npz", zip->data, zip->len);
}

static void
test_compressed_should_become_the_same (Scratch *scratch, gconstpointer data)
{
  g_autofree char *stored = make_source_path (data);
  g_autofree char *deflated = deflate_npz (stored, scratch->folder, NULL);
  g_autofree char *other = g_build_filename (scratch->folder, "y.gloss", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossWeights) of_stored = NULL, of_deflated = NULL;

  g_assert_null (gloss_model_load (deflated, NULL, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           "deflated.npz: is compressed; gloss-cli prepare deflated.npz makes");
  prepare (stored, scratch->path, &error);
  g_assert_no_error (error);
  prepare (deflated, other, &error);
  g_assert_no_error (error);
  of_stored = gloss_weights_open (scratch->path, NULL);
  of_deflated = gloss_weights_open (other, NULL);
  g_assert_cmpuint (gloss_weights_get_n_tensors (of_deflated), >, 30);
  g_assert_true (
      json_equal (json_object_get (gloss_weights_get_metadata (of_deflated), "configuration"),
                  json_object_get (gloss_weights_get_metadata (of_stored), "configuration")));
  for (guint i = 0; i < gloss_weights_get_n_tensors (of_stored); i++)
    {
      const GlossTensorView *a = gloss_weights_get_tensor (of_stored, i);
      const GlossTensorView *b = gloss_weights_get_tensor (of_deflated, i);

      g_assert_cmpstr (b->name, ==, a->name);
      g_assert_cmpuint (b->checksum, ==, a->checksum);
      g_assert_cmpmem (b->data, b->n_bytes, a->data, a->n_bytes);
      g_assert_true (gloss_prepared_check_values (a, &error));
    }
}

static void
test_damaged_streams_should_leave_nothing (Scratch *scratch, gconstpointer data)
{
  g_autofree char *stored = make_source_path ("paligemma1/weights.f32.npz");
  gsize offsets[64];
  g_autofree char *deflated = deflate_npz (stored, scratch->folder, offsets);
  g_autofree char *content = NULL;
  gsize n_bytes;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (deflated, &content, &n_bytes, NULL));
  content[offsets[20] + 1000] ^= 4;
  g_free (gloss_test_write (scratch->folder, "deflated.npz", content, n_bytes));
  g_assert_false (prepare (deflated, scratch->path, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                           "is damaged: what is compressed");
  g_assert_cmpuint (count_files (scratch->folder), ==, 1);
}

typedef struct
{
  GCancellable *cancellable;
  guint64 n_last;
  guint n_calls;
  guint n_until_stop;
} Stop;

static void
count_progress (guint64 n_done, guint64 n_all, gpointer user_data)
{
  Stop *stop = user_data;

  g_assert_cmpuint (n_done, >, stop->n_last);
  g_assert_cmpuint (n_done, <=, n_all);
  stop->n_last = n_done;
  if (++stop->n_calls == stop->n_until_stop)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_a_stop_should_leave_nothing (Scratch *scratch, gconstpointer data)
{
  g_autofree char *path = make_source_path ("paligemma2/weights.bf16.npz");
  g_autoptr (GlossCheckpoint) checkpoint = gloss_checkpoint_open_streamed (path, NULL, NULL);
  g_autoptr (GlossPreparation) preparation = gloss_preparation_new (checkpoint, NULL);
  guint n_parts = 1;

  for (guint i = 1; i <= n_parts; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      Stop stop = { .cancellable = cancellable, .n_until_stop = i };
      gboolean is_written = gloss_preparation_write (preparation, scratch->path, FALSE,
                                                     count_progress, &stop, cancellable, &error);

      if (i == n_parts && is_written)
        break;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (stop.n_calls, ==, i);
      g_assert_cmpuint (count_files (scratch->folder), ==, 0);
      n_parts++;
    }
  /* after the last part there is nothing to stop */
  g_assert_cmpuint (n_parts, >, 80);
  g_assert_cmpuint (count_files (scratch->folder), ==, 1);
}

static void
test_the_same_should_be_known_again (Scratch *scratch, gconstpointer data)
{
  g_autofree char *original = make_source_path ("paligemma1/weights.bf16.npz");
  g_autofree char *copy = g_build_filename (scratch->folder, "copy.npz", NULL);
  g_autofree char *content = NULL;
  gsize n_bytes;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_get_contents (original, &content, &n_bytes, NULL));
  g_free (gloss_test_write (scratch->folder, "copy.npz", content, n_bytes));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GlossCheckpoint) checkpoint = NULL;
      g_autoptr (GlossPreparation) preparation = NULL;

      if (i == 2) /* one bit of a checksum that nobody looks at: another file */
        {
          content[14] ^= 1;
          g_free (gloss_test_write (scratch->folder, "copy.npz", content, n_bytes));
        }
      checkpoint = gloss_checkpoint_open_streamed (copy, NULL, &error);
      g_assert_no_error (error);
      preparation = gloss_preparation_new (checkpoint, &error);
      g_assert_cmpint (gloss_preparation_is_done (preparation, scratch->path), ==, i == 1);
      g_assert_false (gloss_preparation_is_done (preparation, copy));
      if (i == 0)
        g_assert_true (
            gloss_preparation_write (preparation, scratch->path, FALSE, NULL, NULL, NULL, &error));
      else
        {
          g_assert_false (gloss_preparation_write (preparation, scratch->path, FALSE, NULL, NULL,
                                                   NULL, &error));
          gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_EXISTS, "x.gloss: is there");
        }
    }
}

static void
test_the_prepared_should_not_be_prepared (Scratch *scratch, gconstpointer data)
{
  g_autofree char *path = make_source_path ("paligemma1/hf");
  g_autofree char *other = g_build_filename (scratch->folder, "y.gloss", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (prepare (path, scratch->path, &error));
  g_assert_false (prepare (scratch->path, other, &error));
  gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                           "x.gloss: is prepared already");
}

/* The configuration in a prepared file is not believed either. */
static void
test_wrong_configurations_should_be_refused (Scratch *scratch, gconstpointer data)
{
  static const struct
  {
    const char *from, *to, *says;
    gboolean is_problem;
  } cases[] = {
    { "\"width\":64,", "\"width\":-4,", "\"width\" of its configuration is missing", FALSE },
    { "\"width\":64,", "\"widht\":64,", "\"width\" of its configuration is missing", FALSE },
    { "\"width\":64,", "\"width\":96,", "expected ", TRUE },
    { "\"depth\":3,", "\"depth\":9,", "is missing", TRUE },
    { "\"depth\":3,", "\"depth\":2,", "such layers only", TRUE },
    { "\"is_gemma2\":false", "\"is_gemma2\":true ", "is missing", TRUE },
    { "\"is_gemma2\":false", "\"is_gemma2\":12345", "\"is_gemma2\" of its conf", FALSE },
    { "\"rope_base\":10000.0", "\"rope_base\":-1000.0", "\"rope_base\" of its conf", FALSE },
    { "\"rope_base\":10000.0", "\"rope_base\":1e00999", "is not valid JSON", FALSE },
    { "\"n_kv_heads\":1,", "\"n_kv_heads\":0,", "\"n_kv_heads\" of its configuration", FALSE },
    { "\"patch_size_px\":14,", "\"patch_size_px\":07,", "is not valid JSON", FALSE },
    { "\"vit_n_heads\":4,\"vit_head_dim\":12,", "\"vit_n_heads\":2,\"vit_head_dim\":24,", NULL,
      FALSE },
  };
  g_autofree char *path = make_source_path ("paligemma1/weights.bf16.npz");
  g_autofree char *content = NULL;
  gsize n_bytes;
  g_autoptr (GError) error = NULL;

  prepare (path, scratch->path, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (scratch->path, &content, &n_bytes, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *spoiled = g_memdup2 (content, n_bytes);
      g_autoptr (GlossModel) model = NULL;
      char *at = g_strstr_len (spoiled + 64, 4000, cases[i].from);

      if (!at)
        g_error ("the header does not have %s", cases[i].from);
      g_assert_cmpuint (strlen (cases[i].from), ==, strlen (cases[i].to));
      memcpy (at, cases[i].to, strlen (cases[i].to));
      gloss_test_mend_prepared (spoiled, n_bytes);
      g_free (gloss_test_write (scratch->folder, "x.gloss", spoiled, n_bytes));
      model = gloss_model_load (scratch->path, NULL, &error);
      g_assert_true ((model == NULL) == (cases[i].says != NULL));
      if (cases[i].says)
        gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, cases[i].says);
    }
}

/* A disk that is smaller than the model: said at once, with both sizes. */
static void
test_a_small_disk_should_be_noticed (Scratch *scratch, gconstpointer data)
{
  struct statvfs disk;
  GlossModelConfig config;
  const char *why = NULL;
  g_autofree char *source = NULL;
  g_autoptr (GError) error = NULL;

  full_size_get_config (&config, FULL_SIZE_PALIGEMMA2_28B, 224);
  if (statvfs ("/dev/shm", &disk) != 0
      || (guint64) disk.f_bavail * disk.f_frsize > (guint64) 50000000000)
    why = "there is no small disk at /dev/shm";
  else
    source = full_size_write_holes (scratch->folder, &config, &why);
  if (!source)
    {
      g_test_skip (why);
      return;
    }
  g_assert_false (prepare (source, "/dev/shm/gloss-test-never-made.gloss", &error));
  g_assert_false (g_file_test ("/dev/shm/gloss-test-never-made.gloss", G_FILE_TEST_EXISTS));
  g_test_message ("%s", error->message);
  gloss_assert_error_says (&error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                           "55.3\u00a0GB are needed, but ");
}

static void
add (const char *name, const char *source, void (*func) (Scratch *, gconstpointer))
{
  g_autofree char *path =
      g_strconcat ("/model/prepare/", source ? source : "", source ? "/" : "", name, NULL);

  g_test_add (path, Scratch, source, set_up, func, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      add ("every-value-should-come-to-its-place", sources[i],
           test_every_value_should_come_to_its_place);
      if (g_str_has_suffix (sources[i], "hf"))
        add ("results-should-be-those-of-the-source", sources[i],
             test_results_should_be_those_of_the_source);
      else
        add ("compressed-should-become-the-same", sources[i],
             test_compressed_should_become_the_same);
    }
  add ("damaged-streams-should-leave-nothing", NULL, test_damaged_streams_should_leave_nothing);
  add ("a-stop-should-leave-nothing", NULL, test_a_stop_should_leave_nothing);
  add ("the-same-should-be-known-again", NULL, test_the_same_should_be_known_again);
  add ("the-prepared-should-not-be-prepared", NULL, test_the_prepared_should_not_be_prepared);
  add ("wrong-configurations-should-be-refused", NULL, test_wrong_configurations_should_be_refused);
  add ("a-small-disk-should-be-noticed", NULL, test_a_small_disk_should_be_noticed);
  return g_test_run ();
}
