/* Captions on standard output.
 *
 * A line is put together in memory and written at once. A signal that arrives meanwhile waits until
 * the line is out; at any other time it ends the program on the spot, in the middle of a caption or
 * not.
 */
#include "cli/output.h"

#include "base/json.h"
#include "cli/messages.h"
#include "model/boxes.h"

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_t main_thread;
static volatile sig_atomic_t is_writing;
static volatile sig_atomic_t pending_signal;
static const char *volatile closing; /* what makes the output whole */

static gboolean
can_write (int timeout_msec)
{
  struct pollfd descriptor = { .fd = STDOUT_FILENO, .events = POLLOUT };

  return poll (&descriptor, 1, timeout_msec) == 1 && (descriptor.revents & POLLOUT);
}

static void
die (int number)
{
  if (closing && can_write (50) && write (STDOUT_FILENO, closing, strlen (closing)) < 0)
    {
      /* nobody is left to be told */
    }
  signal (number, SIG_DFL);
  raise (number);
}

/* A line that is being written is let out, unless its reader does not take it. Any thread may be
 * given a signal, but only the one that writes knows whether it is writing. */
static void
handle_signal (int number)
{
  if (!pthread_equal (pthread_self (), main_thread))
    pthread_kill (main_thread, number);
  else if (is_writing && !pending_signal && can_write (50))
    pending_signal = number;
  else
    {
      closing = is_writing ? NULL : closing;
      die (number);
    }
}

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* @next_closing is what makes the output whole once @text is out. */
static void
write_line (const char *text, const char *next_closing)
{
  is_writing = 1;
  fputs (text, stdout);
  fflush (stdout);
  closing = next_closing;
  is_writing = 0;
  if (pending_signal)
    die (pending_signal);
}

void
gloss_output_hold_signals (gboolean is_held)
{
  is_writing = is_held;
  if (!is_held && pending_signal)
    die (pending_signal);
}

void
gloss_output_begin (GlossOutput *output)
{
  struct sigaction action = { .sa_handler = handle_signal, .sa_flags = SA_RESTART };

  main_thread = pthread_self ();
  sigfillset (&action.sa_mask);
  closing = output->format == GLOSS_FORMAT_JSON ? "[]\n" : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (ending_signals); i++)
    {
      struct sigaction before;

      /* nohup stays in force */
      if (sigaction (ending_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction (ending_signals[i], &action, NULL);
    }
}

void
gloss_output_end (GlossOutput *output)
{
  if (output->format == GLOSS_FORMAT_JSON)
    write_line (output->n_printed > 0 ? "\n]\n" : "[]\n", NULL);
}

/* One caption is one line: what would break it becomes a space. */
static void
append_flat (GString *line, const char *text)
{
  g_autofree char *flat = gloss_cli_make_safe (text, ' ');

  g_string_append (line, flat);
}

static void
append_beginning (const GlossOutput *output, GString *line, const char *file)
{
  if (output->has_names)
    {
      append_flat (line, file);
      g_string_append_c (line, '\t');
    }
  if (output->start_with)
    append_flat (line, output->start_with);
}

void
gloss_output_begin_file (GlossOutput *output, const char *file)
{
  g_autoptr (GString) line = g_string_new (NULL);

  append_beginning (output, line, file);
  write_line (line->str, "\n");
}

void
gloss_output_stream (GlossOutput *output, const char *text)
{
  g_autoptr (GString) line = g_string_new (NULL);

  append_flat (line, text);
  write_line (line->str, "\n");
}

void
gloss_output_abandon_file (GlossOutput *output)
{
  write_line ("\n", NULL);
}

static json_t *
make_boxes (const GlossOutput *output, const GlossCaption *caption, const GlossImage *image)
{
  /* a box may have begun in what the answer was to start with */
  g_autofree char *whole =
      g_strconcat (output->start_with ? output->start_with : "", caption->text, NULL);
  g_autoptr (GPtrArray) boxes = gloss_boxes_parse (whole, image->width_px, image->height_px);
  json_t *array = json_array ();

  for (guint i = 0; i < boxes->len; i++)
    {
      const GlossBox *box = g_ptr_array_index (boxes, i);
      json_t *object =
          json_pack ("{s:s, s:i, s:i, s:i, s:i, s:[i,i,i,i]}", "label", box->label, "y0", box->y0,
                     "x0", box->x0, "y1", box->y1, "x1", box->x1, "loc", (int) box->loc[0],
                     (int) box->loc[1], (int) box->loc[2], (int) box->loc[3]);

      if (box->has_segments)
        {
          json_t *codes = json_array ();

          for (guint k = 0; k < GLOSS_BOX_N_SEGMENTS; k++)
            json_array_append_new (codes, json_integer (box->segments[k]));
          json_object_set_new (object, "seg", codes);
        }
      json_array_append_new (array, object);
    }
  return array;
}

/* Names in JSON are UTF-8. One that is not gets its exact bytes as a URI beside what can be shown.
 */
static void
set_file (json_t *object, const char *file)
{
  g_autofree char *name = g_utf8_make_valid (file, -1);

  json_object_set_new (object, "file", json_string (name));
  if (!g_utf8_validate (file, -1, NULL))
    {
      g_autofree char *absolute = g_canonicalize_filename (file, NULL);
      g_autofree char *uri = g_filename_to_uri (absolute, NULL, NULL);

      json_object_set_new (object, "uri", json_string (uri));
    }
}

static char *
make_json (GlossOutput *output, const char *file, const GlossImage *image,
           const GlossCaption *caption, double seconds)
{
  g_autoptr (json_t) object = json_object ();
  json_t *boxes = make_boxes (output, caption, image);

  set_file (object, file);
  if (output->start_with)
    json_object_set_new (object, "start_with", json_string (output->start_with));
  json_object_set_new (object, "text", json_string (caption->text));
  if (caption->is_cut)
    json_object_set_new (object, "cut", json_true ());
  if (json_array_size (boxes) > 0)
    json_object_set (object, "boxes", boxes);
  json_decref (boxes);
  json_object_set_new (object, "prompt", json_string (output->prompt));
  json_object_set_new (object, "model", json_string (output->model));
  json_object_set_new (object, "arithmetic", json_string (output->arithmetic));
  json_object_set_new (object, "seconds", json_real (round (seconds * 1000) / 1000));
  return json_dumps (object, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION (9));
}

gboolean
gloss_output_caption (GlossOutput *output, const char *file, const GlossImage *image,
                      const GlossCaption *caption, double seconds)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (output->format != GLOSS_FORMAT_TEXT)
    {
      char *json = make_json (output, file, image, caption, seconds);

      if (output->format == GLOSS_FORMAT_JSON)
        g_string_append (line, output->n_printed > 0 ? ",\n  " : "[\n  ");
      g_string_append (line, json);
      if (output->format == GLOSS_FORMAT_JSONL)
        g_string_append_c (line, '\n');
      free (json);
    }
  else
    {
      if (!output->streams)
        {
          append_beginning (output, line, file);
          append_flat (line, caption->text);
        }
      g_string_append_c (line, '\n');
    }
  output->n_printed++;
  write_line (line->str, output->format == GLOSS_FORMAT_JSON ? "\n]\n" : NULL);
  return !ferror (stdout);
}
