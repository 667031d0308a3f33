/* Several programs that use one store, and some that are killed. */
#include "library/captions.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PICTURE "/nowhere/a.jpg"

/* The other program of the tests below: this one, which opens the store and adds captions, telling
 * each on standard output once it is kept. */
static int
write_on_and_on (const char *path, guint first, guint n)
{
  GlossCaptionStore *store = gloss_caption_store_open (path, NULL, NULL);

  g_assert_nonnull (store);
  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *picture = g_strdup_printf ("/nowhere/%u", i);
      g_autofree char *filling = g_strnfill (i * 37 % 3000, 'x');
      g_autofree char *text = g_strdup_printf ("text %u %s", i, filling);
      g_autofree char *line = g_strdup_printf ("%u\n", i);

      gloss_captions_set (store, picture, text);
      gloss_captions_edit (store, PICTURE, text);
      g_assert_cmpint (write (STDOUT_FILENO, line, strlen (line)), ==, (gssize) strlen (line));
    }
  gloss_caption_store_free (store);
  return 0;
}

static GSubprocess *
start_writer (Captions *captions, guint first, guint n)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *from = g_strdup_printf ("%u", first);
  g_autofree char *many = g_strdup_printf ("%u", n);
  g_autoptr (GError) error = NULL;
  GSubprocess *writer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
                                          "--write", captions->path, from, many, NULL);

  g_assert_no_error (error);
  return writer;
}

/* The first number that the writer tells. */
static guint
wait_for_writer (GSubprocess *writer)
{
  GInputStream *stream = g_subprocess_get_stdout_pipe (writer);
  g_autoptr (GString) line = g_string_new (NULL);
  char letter;

  while (g_input_stream_read (stream, &letter, 1, NULL, NULL) == 1 && letter != '\n')
    g_string_append_c (line, letter);
  return (guint) strtoul (line->str, NULL, 10);
}

/* The last number that the writer tells; @last when it says no more. */
static guint
finish_writer (GSubprocess *writer, guint last)
{
  g_autofree char *out = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  g_subprocess_communicate_utf8 (writer, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (out, "\n", -1);
  /* what stands behind the last newline was not told to the end */
  n = g_strv_length (lines);
  return n < 2 ? last : (guint) strtoul (lines[n - 2], NULL, 10);
}

/* What a writer has added under @number is all there. */
static void
assert_written (Captions *captions, guint number)
{
  g_autofree char *picture = g_strdup_printf ("/nowhere/%u", number);
  g_autofree char *start = g_strdup_printf ("text %u ", number);
  g_autofree char *text = gloss_captions_describe (captions->store, picture);

  g_assert_true (g_str_has_prefix (text, start));
  g_assert_cmpuint (strlen (text), ==, strlen (start) + number * 37 % 3000);
}

static void
test_killed_writer_should_lose_nothing (Captions *captions, gconstpointer unused)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  g_autoptr (GArray) told = g_array_new (FALSE, FALSE, sizeof (guint));
  guint next = 1;

  for (guint i = 0; i < 30; i++)
    {
      g_autoptr (GSubprocess) writer = NULL;
      guint last;

      gloss_captions_close (captions);
      writer = start_writer (captions, next, 1000000);
      g_assert_cmpuint (wait_for_writer (writer), ==, next);
      g_usleep ((gulong) g_rand_int_range (random, 0, 20000));
      g_subprocess_send_signal (writer, SIGKILL);
      last = finish_writer (writer, next);
      captions->store = gloss_captions_open (captions->path);
      for (guint k = next; k <= last; k++)
        {
          assert_written (captions, k);
          g_array_append_val (told, k);
        }
      /* the one after it may be there or not */
      next = last + 2;
    }
  for (guint i = 0; i < told->len; i++)
    assert_written (captions, g_array_index (told, guint, i));
  g_test_message ("%u captions by 30 writers that were killed", told->len);
  g_assert_cmpuint (told->len, >, 30);
}

#define N_WRITERS 3

static void
test_several_programs_should_write_at_once (Captions *captions, gconstpointer unused)
{
  GSubprocess *writers[N_WRITERS];

  for (guint i = 0; i < N_WRITERS; i++)
    writers[i] = start_writer (captions, 1000 * (i + 1), 40);
  for (guint i = 0; i < 40; i++)
    gloss_captions_set (captions->store, PICTURE, "mine");
  for (guint i = 0; i < N_WRITERS; i++)
    {
      g_assert_cmpuint (finish_writer (writers[i], 0), ==, 1000 * (i + 1) + 39);
      g_assert_true (g_subprocess_get_successful (writers[i]));
      g_object_unref (writers[i]);
    }
  for (guint i = 0; i < N_WRITERS * 40; i++)
    assert_written (captions, 1000 * (i / 40 + 1) + i % 40);
}

static void
test_damage_should_be_set_aside_once_by_several (Captions *captions, gconstpointer unused)
{
  for (guint round = 1; round <= 5; round++)
    {
      GSubprocess *writers[N_WRITERS];

      gloss_captions_close (captions);
      g_assert_true (g_file_set_contents (captions->path, "no database", -1, NULL));
      for (guint i = 0; i < N_WRITERS; i++)
        writers[i] = start_writer (captions, 1000 * (i + 1), 3);
      for (guint i = 0; i < N_WRITERS; i++)
        {
          g_assert_cmpuint (finish_writer (writers[i], 0), ==, 1000 * (i + 1) + 2);
          g_object_unref (writers[i]);
        }
      g_assert_cmpuint (gloss_captions_count_files (captions, "damaged"), ==, round);
      captions->store = gloss_captions_open (captions->path);
      for (guint i = 0; i < N_WRITERS * 3; i++)
        assert_written (captions, 1000 * (i / 3 + 1) + i % 3);
    }
}

int
main (int argc, char **argv)
{
  if (argc == 5 && g_str_equal (argv[1], "--write"))
    return write_on_and_on (argv[2], (guint) strtoul (argv[3], NULL, 10),
                            (guint) strtoul (argv[4], NULL, 10));
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) gloss_captions_add_test ("/library/caption-store-programs/" path, func)
  ADD ("damaged/should-be-set-aside-once-by-several",
       test_damage_should_be_set_aside_once_by_several);
  ADD ("killed-writer/should-lose-nothing", test_killed_writer_should_lose_nothing);
  ADD ("several-programs/should-write-at-once", test_several_programs_should_write_at_once);
  return g_test_run ();
}
