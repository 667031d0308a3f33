/* Captions on standard output. */
#include "cli/output.h"

#include "base/json.h"
#include "model/boxes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One caption is one line: what would break it becomes a space. */
static void
print_flat (const char *text)
{
  for (const char *p = text; *p; p++)
    putchar (*p == '\t' || *p == '\n' || *p == '\r' ? ' ' : *p);
}

void
gloss_output_begin (GlossOutput *output)
{
  if (output->format == GLOSS_FORMAT_JSON)
    fputs ("[", stdout);
}

void
gloss_output_end (GlossOutput *output)
{
  if (output->format == GLOSS_FORMAT_JSON)
    fputs (output->n_printed > 0 ? "\n]\n" : "]\n", stdout);
  fflush (stdout);
}

void
gloss_output_begin_file (GlossOutput *output, const char *file)
{
  if (output->several_files)
    {
      print_flat (file);
      putchar ('\t');
    }
  if (output->start_with)
    print_flat (output->start_with);
  fflush (stdout);
}

void
gloss_output_stream (GlossOutput *output, const char *text)
{
  print_flat (text);
  fflush (stdout);
}

void
gloss_output_abandon_file (GlossOutput *output)
{
  putchar ('\n');
  fflush (stdout);
}

static json_t *
make_boxes (const GlossCaption *caption, const GlossImage *image)
{
  g_autoptr (GPtrArray) boxes =
      gloss_boxes_parse (caption->text, image->width_px, image->height_px);
  json_t *array = json_array ();

  for (guint i = 0; i < boxes->len; i++)
    {
      const GlossBox *box = g_ptr_array_index (boxes, i);

      json_array_append_new (array,
                             json_pack ("{s:s, s:i, s:i, s:i, s:i, s:[i,i,i,i]}", "label",
                                        box->label, "y0", box->y0, "x0", box->x0, "y1", box->y1,
                                        "x1", box->x1, "loc", (int) box->loc[0], (int) box->loc[1],
                                        (int) box->loc[2], (int) box->loc[3]));
    }
  return array;
}

static void
print_json (GlossOutput *output, const char *file, const GlossImage *image,
            const GlossCaption *caption, double seconds)
{
  g_autofree char *name = g_filename_display_name (file);
  g_autoptr (json_t) object = json_pack ("{s:s, s:s}", "file", name, "text", caption->text);
  json_t *boxes = make_boxes (caption, image);
  size_t flags = JSON_PRESERVE_ORDER;
  char *line;

  if (output->start_with)
    json_object_set_new (object, "start_with", json_string (output->start_with));
  if (json_array_size (boxes) > 0)
    json_object_set (object, "boxes", boxes);
  json_decref (boxes);
  json_object_set_new (object, "prompt", json_string (output->prompt));
  json_object_set_new (object, "model", json_string (output->model));
  json_object_set_new (object, "arithmetic", json_string ("exact"));
  json_object_set_new (object, "seconds", json_real (round (seconds * 1000) / 1000));

  line = json_dumps (object, flags | JSON_REAL_PRECISION (9));
  if (output->format == GLOSS_FORMAT_JSONL)
    printf ("%s\n", line);
  else
    printf ("%s\n  %s", output->n_printed > 0 ? "," : "", line);
  free (line);
}

void
gloss_output_caption (GlossOutput *output, const char *file, const GlossImage *image,
                      const GlossCaption *caption, double seconds)
{
  if (output->format != GLOSS_FORMAT_TEXT)
    print_json (output, file, image, caption, seconds);
  else if (output->streams)
    putchar ('\n');
  else
    {
      gloss_output_begin_file (output, file);
      print_flat (caption->text);
      putchar ('\n');
    }
  output->n_printed++;
  fflush (stdout);
}

gboolean
gloss_output_check (GlossOutput *output, GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "the output could not be written: %s", g_strerror (errno));
  return FALSE;
}
