/* Ids to text one at a time. */
#include "model/text-stream.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT_CHARACTER "\xef\xbf\xbd"
#define PIECE_SPACE "\xe2\x96\x81" /* U+2581 */
#define MAX_CHARACTER_BYTES 4

struct _GlossTextStream
{
  GlossTokenizer *tokenizer;        /* owned reference */
  GString *text;                    /* owned; what the last call returned */
  guint8 held[MAX_CHARACTER_BYTES]; /* the beginning of a character */
  gsize n_held;
};

GlossTextStream *
gloss_text_stream_new (GlossTokenizer *tokenizer)
{
  GlossTextStream *stream = g_new0 (GlossTextStream, 1);

  stream->tokenizer = gloss_tokenizer_ref (tokenizer);
  stream->text = g_string_new (NULL);
  return stream;
}

void
gloss_text_stream_free (GlossTextStream *stream)
{
  gloss_tokenizer_unref (stream->tokenizer);
  g_string_free (stream->text, TRUE);
  g_free (stream);
}

typedef enum
{
  CHARACTER_WHOLE,
  CHARACTER_BEGUN,
  CHARACTER_INVALID,
} CharacterState;

/* Bytes of the character that begins with @first, 0 when none can: C0, C1 would be overlong, F5…
 * too big. */
static gsize
get_character_length (guint8 first)
{
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first <= 0xdf)
    return 2;
  if (first >= 0xe0 && first <= 0xef)
    return 3;
  if (first >= 0xf0 && first <= 0xf4)
    return 4;
  return 0;
}

/* Table 3-7 of the Unicode standard: after four of the first bytes the range of the second is
 * narrower than 80 … BF, which keeps out overlong forms, surrogates and what is beyond U+10FFFF. */
static CharacterState
classify (const guint8 *bytes, gsize n_bytes)
{
  gsize length = get_character_length (bytes[0]);
  guint8 low = bytes[0] == 0xe0 ? 0xa0 : bytes[0] == 0xf0 ? 0x90 : 0x80;
  guint8 high = bytes[0] == 0xed ? 0x9f : bytes[0] == 0xf4 ? 0x8f : 0xbf;

  if (length == 0)
    return CHARACTER_INVALID;
  for (gsize i = 1; i < MIN (n_bytes, length); i++)
    {
      if (bytes[i] < low || bytes[i] > high)
        return CHARACTER_INVALID;
      low = 0x80;
      high = 0xbf;
    }
  return n_bytes < length ? CHARACTER_BEGUN : CHARACTER_WHOLE;
}

/* Moves from the held bytes to the text what is decided; all of it when nothing more @can_follow.
 */
static void
release_held (GlossTextStream *stream, gboolean can_follow)
{
  while (stream->n_held > 0)
    {
      CharacterState state = classify (stream->held, stream->n_held);
      gsize n_done = 1;

      if (state == CHARACTER_BEGUN && can_follow)
        return;
      if (state == CHARACTER_WHOLE)
        {
          n_done = get_character_length (stream->held[0]);
          g_string_append_len (stream->text, (const char *) stream->held, n_done);
        }
      else
        g_string_append (stream->text, REPLACEMENT_CHARACTER);
      stream->n_held -= n_done;
      memmove (stream->held, stream->held + n_done, stream->n_held);
    }
}

static void
append_piece (GString *text, const char *piece)
{
  const char *space;

  while ((space = strstr (piece, PIECE_SPACE)))
    {
      g_string_append_len (text, piece, space - piece);
      g_string_append_c (text, ' ');
      piece = space + strlen (PIECE_SPACE);
    }
  g_string_append (text, piece);
}

static const char *
take_text (GlossTextStream *stream, gsize *out_n_bytes)
{
  if (out_n_bytes)
    *out_n_bytes = stream->text->len;
  return stream->text->str;
}

const char *
gloss_text_stream_push (GlossTextStream *stream, gint32 id, gsize *out_n_bytes)
{
  GlossPieceKind kind = gloss_tokenizer_get_kind (stream->tokenizer, id);

  g_string_truncate (stream->text, 0);
  if (kind != GLOSS_PIECE_BYTE)
    release_held (stream, FALSE);
  switch (kind)
    {
    case GLOSS_PIECE_BYTE: /* spelled "<0x41>" */
      stream->held[stream->n_held++] =
          strtoul (gloss_tokenizer_get_text (stream->tokenizer, id) + 1, NULL, 16);
      release_held (stream, TRUE);
      break;
    case GLOSS_PIECE_TEXT:
      append_piece (stream->text, gloss_tokenizer_get_text (stream->tokenizer, id));
      break;
    case GLOSS_PIECE_UNKNOWN:
      g_string_append (stream->text, gloss_tokenizer_get_unk_surface (stream->tokenizer));
      break;
    case GLOSS_PIECE_CONTROL:
      break;
    }
  return take_text (stream, out_n_bytes);
}

const char *
gloss_text_stream_finish (GlossTextStream *stream, gsize *out_n_bytes)
{
  g_string_truncate (stream->text, 0);
  release_held (stream, FALSE);
  return take_text (stream, out_n_bytes);
}
