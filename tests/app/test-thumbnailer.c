/* Thumbnails in the background: memory, order, giving up, and files that are none. */
#include "app/thumbnailer.h"

#include "support/asserts.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>

#define WIDTH_PX 96
#define HEIGHT_PX 72
#define PLENTY_BYTES ((gsize) 16 << 20)

typedef struct
{
  char *folder; /* owned */
  char *slow;   /* owned; a picture that keeps a thread for a while */
  GlossThumbnailer *thumbnailer;
  GArray *answered; /* numbers of the answers, in their order */
  guint n_broken;
} Bench;

/* One that was asked for. */
typedef struct
{
  Bench *bench;
  guint number;
  GlossThumbnailRequest *request; /* NULL after the answer */
} Wish;

static void
write_picture (const char *path, int width, int height)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_fill (pixbuf, 0x336698ff);
  gdk_pixbuf_save (pixbuf, path, "png", &error, "compression", "1", NULL);
  g_assert_no_error (error);
}

static char *
number_path (Bench *bench, guint number)
{
  g_autofree char *name = g_strdup_printf ("%03u.png", number);

  return g_build_filename (bench->folder, name, NULL);
}

static void
write_pictures (Bench *bench, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = number_path (bench, i);

      write_picture (path, 160, 120);
    }
}

static void
set_up (Bench *bench, gconstpointer unused)
{
  bench->folder = gloss_test_folder_new ();
  bench->slow = g_build_filename (bench->folder, "slow.png", NULL);
  bench->answered = g_array_new (FALSE, FALSE, sizeof (guint));
  write_picture (bench->slow, 4000, 4000);
}

static void
tear_down (Bench *bench, gconstpointer unused)
{
  gloss_thumbnailer_free (bench->thumbnailer);
  /* nothing of it is left in the main loop */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gloss_test_folder_remove (bench->folder);
  g_free (bench->slow);
  g_array_unref (bench->answered);
}

static void
answered (GdkTexture *texture, gpointer data)
{
  Wish *wish = data;

  g_assert_nonnull (wish->request);
  wish->request = NULL;
  g_array_append_val (wish->bench->answered, wish->number);
  if (!texture)
    wish->bench->n_broken++;
}

static void
ask (Bench *bench, Wish *wish, guint number, const char *path)
{
  wish->bench = bench;
  wish->number = number;
  wish->request = gloss_thumbnailer_request (bench->thumbnailer, path, WIDTH_PX, HEIGHT_PX, number,
                                             answered, wish);
}

static void
ask_numbers (Bench *bench, Wish *wishes, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = number_path (bench, i);

      ask (bench, &wishes[i], i, path);
    }
}

static void
wait_for (Bench *bench, guint n)
{
  while (bench->answered->len < n)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (bench->answered->len, ==, n);
}

static GdkTexture *
look_up (Bench *bench, guint number)
{
  g_autofree char *path = number_path (bench, number);

  return gloss_thumbnailer_look_up (bench->thumbnailer, path, WIDTH_PX, HEIGHT_PX);
}

static void
test_made_should_be_kept (Bench *bench, gconstpointer unused)
{
  g_autofree char *path = number_path (bench, 0);
  Wish wish;

  bench->thumbnailer = gloss_thumbnailer_new (2, PLENTY_BYTES);
  write_pictures (bench, 1);
  g_assert_null (look_up (bench, 0));
  ask_numbers (bench, &wish, 1);
  wait_for (bench, 1);
  g_assert_cmpint (gdk_texture_get_width (look_up (bench, 0)), ==, WIDTH_PX);
  g_assert_cmpint (gdk_texture_get_height (look_up (bench, 0)), ==, HEIGHT_PX);
  /* one of another size is another one */
  g_assert_null (gloss_thumbnailer_look_up (bench->thumbnailer, path, 2 * WIDTH_PX, 2 * HEIGHT_PX));
}

static void
test_memory_should_be_bounded (Bench *bench, gconstpointer unused)
{
  const gsize max_bytes = 10 * (WIDTH_PX * HEIGHT_PX * 3 + 500);
  Wish wishes[40];
  guint n_kept = 0;

  bench->thumbnailer = gloss_thumbnailer_new (2, max_bytes);
  write_pictures (bench, G_N_ELEMENTS (wishes));
  for (guint i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      g_autofree char *path = number_path (bench, i);

      ask (bench, &wishes[i], i, path);
      wait_for (bench, i + 1);
      g_assert_cmpuint (gloss_thumbnailer_get_n_bytes (bench->thumbnailer), <=, max_bytes);
      g_assert_nonnull (look_up (bench, 0)); /* and so it was used lately */
    }
  for (guint i = 0; i < G_N_ELEMENTS (wishes); i++)
    n_kept += look_up (bench, i) != NULL;
  g_assert_cmpuint (n_kept, ==, 10);
  g_assert_null (look_up (bench, 1));
  g_assert_nonnull (look_up (bench, G_N_ELEMENTS (wishes) - 1));
  /* the same one once more takes no more room */
  ask_numbers (bench, wishes, 1);
  wait_for (bench, G_N_ELEMENTS (wishes) + 1);
  g_assert_cmpuint (gloss_thumbnailer_get_n_bytes (bench->thumbnailer), <=, max_bytes);
}

static void
test_one_that_does_not_fit_should_not_be_kept (Bench *bench, gconstpointer unused)
{
  Wish wish;

  bench->thumbnailer = gloss_thumbnailer_new (1, 100);
  write_pictures (bench, 1);
  ask_numbers (bench, &wish, 1);
  wait_for (bench, 1);
  g_assert_cmpuint (bench->n_broken, ==, 0);
  g_assert_null (look_up (bench, 0));
  g_assert_cmpuint (gloss_thumbnailer_get_n_bytes (bench->thumbnailer), ==, 0);
}

/* While the one thread is kept busy all others come together. */
static void
test_nearest_should_come_first (Bench *bench, gconstpointer unused)
{
  static const guint expected[] = { 98, 12, 13, 11, 14, 10, 15, 9 };
  Wish slow, wishes[20];

  bench->thumbnailer = gloss_thumbnailer_new (1, PLENTY_BYTES);
  write_pictures (bench, G_N_ELEMENTS (wishes));
  ask (bench, &slow, 98, bench->slow);
  g_usleep (50000);
  ask_numbers (bench, wishes, G_N_ELEMENTS (wishes));
  gloss_thumbnailer_set_focus (bench->thumbnailer, 12);
  wait_for (bench, 1 + G_N_ELEMENTS (wishes));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (g_array_index (bench->answered, guint, i), ==, expected[i]);
}

static void
test_cancelled_should_not_be_answered (Bench *bench, gconstpointer unused)
{
  Wish slow, wishes[20];
  gint64 start_usec;

  bench->thumbnailer = gloss_thumbnailer_new (1, PLENTY_BYTES);
  write_pictures (bench, G_N_ELEMENTS (wishes));
  ask (bench, &slow, 98, bench->slow);
  g_usleep (50000);
  ask_numbers (bench, wishes, G_N_ELEMENTS (wishes));
  for (guint i = 0; i < G_N_ELEMENTS (wishes); i += 2)
    gloss_thumbnailer_cancel (bench->thumbnailer, wishes[i].request);
  gloss_thumbnailer_cancel (bench->thumbnailer, slow.request);
  start_usec = g_get_monotonic_time ();
  wait_for (bench, G_N_ELEMENTS (wishes) / 2);
  g_test_message ("the rest took %.0f ms", (double) (g_get_monotonic_time () - start_usec) / 1000);
  for (guint i = 0; i < bench->answered->len; i++)
    g_assert_cmpuint (g_array_index (bench->answered, guint, i) % 2, ==, 1);
  g_assert_null (gloss_thumbnailer_look_up (bench->thumbnailer, bench->slow, WIDTH_PX, HEIGHT_PX));
}

/* Done, and not yet answered. */
static void
test_cancelled_too_late_should_not_be_answered (Bench *bench, gconstpointer unused)
{
  Wish wishes[2];

  bench->thumbnailer = gloss_thumbnailer_new (1, PLENTY_BYTES);
  write_pictures (bench, 2);
  ask_numbers (bench, wishes, 1);
  while (!g_main_context_pending (NULL))
    g_usleep (1000);
  gloss_thumbnailer_cancel (bench->thumbnailer, wishes[0].request);
  ask_numbers (bench, wishes + 1, 1);
  wait_for (bench, 1);
  g_assert_nonnull (wishes[0].request);
  g_assert_null (wishes[1].request);
  g_assert_cmpuint (bench->n_broken, ==, 0);
  g_assert_nonnull (look_up (bench, 0)); /* it was made all the same */
}

static void
test_broken_should_be_told (Bench *bench, gconstpointer unused)
{
  g_autofree char *text = g_build_filename (bench->folder, "text.jpg", NULL);
  g_autofree char *bomb = gloss_test_path ("fixtures/pictures/claims-65500x65500.jpg");
  const char *const paths[] = { text, bomb, bench->folder, "/nowhere/at/all.png", "" };
  Wish wishes[G_N_ELEMENTS (paths)];

  g_assert_true (g_file_set_contents (text, "this is no picture", -1, NULL));
  bench->thumbnailer = gloss_thumbnailer_new (2, PLENTY_BYTES);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    ask (bench, &wishes[i], i, paths[i]);
  wait_for (bench, G_N_ELEMENTS (paths));
  g_assert_cmpuint (bench->n_broken, ==, G_N_ELEMENTS (paths));
  g_assert_cmpuint (gloss_thumbnailer_get_n_bytes (bench->thumbnailer), ==, 0);
}

/* With one at work, many waiting and some done. */
static void
test_freeing_should_leave_nothing (Bench *bench, gconstpointer unused)
{
  Wish slow, wishes[20];

  bench->thumbnailer = gloss_thumbnailer_new (2, PLENTY_BYTES);
  write_pictures (bench, G_N_ELEMENTS (wishes));
  ask (bench, &slow, 98, bench->slow);
  ask_numbers (bench, wishes, G_N_ELEMENTS (wishes));
  while (!g_main_context_pending (NULL))
    g_usleep (100);
  g_clear_pointer (&bench->thumbnailer, gloss_thumbnailer_free);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (bench->answered->len, ==, 0);
}

#define ADD(path, func) g_test_add ("/app/thumbnailer/" path, Bench, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("made/should-be-kept", test_made_should_be_kept);
  ADD ("memory/should-be-bounded", test_memory_should_be_bounded);
  ADD ("too-large/should-not-be-kept", test_one_that_does_not_fit_should_not_be_kept);
  ADD ("nearest/should-come-first", test_nearest_should_come_first);
  ADD ("cancelled/should-not-be-answered", test_cancelled_should_not_be_answered);
  ADD ("cancelled-late/should-not-be-answered", test_cancelled_too_late_should_not_be_answered);
  ADD ("broken/should-be-told", test_broken_should_be_told);
  ADD ("freeing/should-leave-nothing", test_freeing_should_leave_nothing);
  return g_test_run ();
}
