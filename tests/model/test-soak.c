/*
 * A thousand captions in flat memory: after the first hundred neither memory nor open files nor
 * threads grow. In between, pictures fail, jobs are stopped, and the model is opened again.
 */
#include "base/error.h"
#include "model/captioner.h"
#include "model/full-size.h"
#include "support/asserts.h"

#include <string.h>

#define N_CAPTIONS 1000
#define N_WARM_UP 100
#define REOPEN_EVERY 125
#define MAX_TOKENS 4
#define MAX_GROWTH_BYTES (2 << 20)

typedef struct
{
  GlossModel *model;
  GlossTokenizer *tokenizer;
  GlossPool *pool;
  GlossCaptioner *captioner;
} Demo;

typedef struct
{
  gsize anonymous_bytes;
  guint n_files;
  guint n_threads;
} Usage;

static void
demo_open (Demo *demo)
{
  g_autofree char *folder = gloss_test_data_path ("demo");
  g_autofree char *tokenizer = gloss_test_data_path ("demo/tokenizer.model");
  g_autoptr (GError) error = NULL;

  demo->model = gloss_model_load (folder, NULL, &error);
  g_assert_no_error (error);
  demo->tokenizer = gloss_tokenizer_load (tokenizer, &error);
  g_assert_no_error (error);
  demo->pool = gloss_pool_new (2);
  demo->captioner = gloss_captioner_new (demo->model, demo->tokenizer, demo->pool, &error);
  g_assert_no_error (error);
}

static void
demo_close (Demo *demo)
{
  gloss_captioner_free (demo->captioner);
  gloss_pool_free (demo->pool);
  gloss_tokenizer_unref (demo->tokenizer);
  gloss_model_unref (demo->model);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir))
    n++;
  return n;
}

static Usage
measure (void)
{
  return (Usage){
    .anonymous_bytes = full_size_get_anonymous_bytes (),
    .n_files = count_entries ("/proc/self/fd"),
    .n_threads = count_entries ("/proc/self/task"),
  };
}

static GPtrArray *
list_pictures (const char *folder, const char *prefix)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)))
    {
      if (g_str_has_prefix (name, prefix) && !g_str_has_suffix (name, ".json"))
        g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
    }
  g_assert_cmpuint (paths->len, >, 0);
  return paths;
}

static void
caption (const Demo *demo, const char *path, guint n_beams)
{
  GlossCaptionRequest request = { .max_tokens = MAX_TOKENS, .n_beams = n_beams };
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, &error);
  g_autoptr (GlossCaption) said = NULL;

  g_assert_no_error (error);
  said = gloss_captioner_run (demo->captioner, image, &request, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (said->text, !=, "");
}

static void
fail_to_load (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gloss_image_load (path, NULL, &error));
  g_assert_nonnull (error);
}

static void
cancel (const char *text, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
stop_at_first_word (const Demo *demo, const char *path)
{
  GlossCaptionRequest request = { .max_tokens = MAX_TOKENS };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossImage) image = gloss_image_load (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_null (gloss_captioner_run (demo->captioner, image, &request, cancel, cancellable,
                                      cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_a_thousand_captions_should_leave_nothing_behind (void)
{
  g_autofree char *sound_folder = gloss_test_data_path ("demo/pictures");
  g_autofree char *odd_folder = gloss_test_path ("fixtures/pictures");
  g_autoptr (GPtrArray) sound = list_pictures (sound_folder, "");
  g_autoptr (GPtrArray) failing = list_pictures (odd_folder, "claims-");
  Usage before = { 0 }, after;
  Demo demo;

  demo_open (&demo);
  for (guint i = 1; i <= N_CAPTIONS; i++)
    {
      const char *path = g_ptr_array_index (sound, i % sound->len);

      caption (&demo, path, i % 20 == 0 ? 3 : 1);
      if (i % 10 == 3)
        fail_to_load (g_ptr_array_index (failing, i / 10 % failing->len));
      if (i % 10 == 7)
        stop_at_first_word (&demo, path);
      if (i % REOPEN_EVERY == 0 || i == N_WARM_UP / 2)
        {
          demo_close (&demo);
          demo_open (&demo);
        }
      if (i == N_WARM_UP)
        before = measure ();
    }
  after = measure ();
  demo_close (&demo);

  g_test_message ("after %d captions %" G_GSIZE_FORMAT " KiB, %u files, %u threads; after %d "
                  "%" G_GSIZE_FORMAT " KiB, %u files, %u threads",
                  N_WARM_UP, before.anonymous_bytes / 1024, before.n_files, before.n_threads,
                  N_CAPTIONS, after.anonymous_bytes / 1024, after.n_files, after.n_threads);
  g_assert_cmpuint (after.anonymous_bytes, <=, before.anonymous_bytes + MAX_GROWTH_BYTES);
  g_assert_cmpuint (after.n_files, <=, before.n_files);
  g_assert_cmpuint (after.n_threads, <=, before.n_threads);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/soak/a-thousand-captions-should-leave-nothing-behind",
                   test_a_thousand_captions_should_leave_nothing_behind);
  return g_test_run ();
}
