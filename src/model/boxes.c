/*
 * Boxes in what the model says.
 *
 * One object is four <locDDDD>, spaces, perhaps 16 <segDDD>, spaces, a label without ';', '<' and
 * '>'. Objects are joined by " ; ". This reads as Hugging Face's demonstration does: whatever does
 * not fit is passed over.
 */
#include "model/boxes.h"

#include <string.h>

#define N_LOC_BINS 1024
#define N_SEG_CODES 128

void
gloss_box_free (GlossBox *box)
{
  g_free (box->label);
  g_free (box);
}

/* Reads @prefix, @n_digits digits below @limit and '>' at *@text, and moves *@text behind them. */
static gboolean
take_token (const char **text, const char *prefix, guint n_digits, guint limit, guint *out)
{
  const char *p = *text;
  guint value = 0;

  if (!g_str_has_prefix (p, prefix))
    return FALSE;
  p += strlen (prefix);
  for (guint i = 0; i < n_digits; i++, p++)
    {
      if (!g_ascii_isdigit (*p))
        return FALSE;
      value = value * 10 + g_ascii_digit_value (*p);
    }
  if (*p != '>' || value >= limit)
    return FALSE;
  *text = p + 1;
  *out = value;
  return TRUE;
}

static gboolean
take_locs (const char **text, guint loc[4])
{
  const char *p = *text;

  for (guint i = 0; i < 4; i++)
    if (!take_token (&p, "<loc", 4, N_LOC_BINS, &loc[i]))
      return FALSE;
  *text = p;
  return TRUE;
}

static gboolean
take_segments (const char **text, guint8 segments[GLOSS_BOX_N_SEGMENTS])
{
  const char *p = *text;

  for (guint i = 0; i < GLOSS_BOX_N_SEGMENTS; i++)
    {
      guint code;

      if (!take_token (&p, "<seg", 3, N_SEG_CODES, &code))
        return FALSE;
      segments[i] = code;
    }
  *text = p;
  return TRUE;
}

static void
skip_spaces (const char **text)
{
  while (g_ascii_isspace (**text))
    (*text)++;
}

/* loc/1024 × size in whole numbers, a half to the even neighbour. */
static int
loc_to_pixel (guint loc, guint size_px)
{
  guint64 product = (guint64) loc * size_px;
  guint64 pixel = product / N_LOC_BINS;
  guint64 rest = product % N_LOC_BINS;

  if (rest > N_LOC_BINS / 2 || (rest == N_LOC_BINS / 2 && pixel % 2 == 1))
    pixel++;
  return (int) pixel;
}

GPtrArray *
gloss_boxes_parse (const char *text, guint width_px, guint height_px)
{
  GPtrArray *boxes = g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_box_free);
  guint loc[4];

  while ((text = strstr (text, "<loc")))
    {
      GlossBox *box;
      gsize n_label_bytes;

      if (!take_locs (&text, loc))
        {
          text++;
          continue;
        }
      box = g_new0 (GlossBox, 1);
      memcpy (box->loc, loc, sizeof loc);
      box->y0 = loc_to_pixel (loc[0], height_px);
      box->x0 = loc_to_pixel (loc[1], width_px);
      box->y1 = loc_to_pixel (loc[2], height_px);
      box->x1 = loc_to_pixel (loc[3], width_px);
      skip_spaces (&text);
      box->has_segments = take_segments (&text, box->segments);
      if (!box->has_segments)
        memset (box->segments, 0, sizeof box->segments);
      n_label_bytes = strcspn (text, ";<>");
      box->label = g_strstrip (g_strndup (text, n_label_bytes));
      text += n_label_bytes;
      g_ptr_array_add (boxes, box);
    }
  return boxes;
}
