/* The SentencePiece library for C. */
#include "model/sentencepiece-shim.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/sentencepiece-check.hh"

#include <sentencepiece_processor.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

struct _GlossSentencePiece
{
  sentencepiece::SentencePieceProcessor processor;
  std::string unk_surface;
};

GlossSentencePiece *
gloss_sentence_piece_new (const guint8 *bytes, gsize n_bytes, const char *origin, GError **error)
{
  GlossSentencePiece *pieces = nullptr;

  try
    {
      gloss::CheckedModel model =
          gloss::check_sentencepiece_model ({ (const char *) bytes, n_bytes });

      pieces = new GlossSentencePiece ();
      sentencepiece::util::Status status =
          pieces->processor.LoadFromSerializedProto (model.message);
      if (!status.ok ())
        throw gloss::Refusal{ GLOSS_ERROR_FORMAT,
                              gloss::format_reason (
                                  _ ("this is not a sound SentencePiece model: %s"),
                                  status.message ()) };
      pieces->unk_surface = model.unk_surface;
      return pieces;
    }
  catch (const gloss::Refusal &refusal)
    {
      g_set_error (error, GLOSS_ERROR, refusal.code, "%s: %s", origin, refusal.reason.c_str ());
    }
  catch (const std::exception &exception)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: the SentencePiece model cannot be loaded: %s"), origin,
                   exception.what ());
    }
  delete pieces;
  return nullptr;
}

void
gloss_sentence_piece_free (GlossSentencePiece *pieces)
{
  delete pieces;
}

guint
gloss_sentence_piece_get_n_pieces (const GlossSentencePiece *pieces)
{
  return pieces->processor.GetPieceSize ();
}

GlossPieceKind
gloss_sentence_piece_get_kind (const GlossSentencePiece *pieces, gint32 id)
{
  if (pieces->processor.IsControl (id))
    return GLOSS_PIECE_CONTROL;
  if (pieces->processor.IsUnknown (id))
    return GLOSS_PIECE_UNKNOWN;
  if (pieces->processor.IsByte (id))
    return GLOSS_PIECE_BYTE;
  return GLOSS_PIECE_TEXT;
}

const char *
gloss_sentence_piece_get_text (const GlossSentencePiece *pieces, gint32 id)
{
  return pieces->processor.IdToPiece (id).c_str ();
}

gint32
gloss_sentence_piece_find (const GlossSentencePiece *pieces, const char *text)
{
  /* The library answers with the unknown piece when there is none. */
  gint32 id = pieces->processor.PieceToId (text);

  return pieces->processor.IdToPiece (id) == text ? id : -1;
}

gint32
gloss_sentence_piece_get_bos_id (const GlossSentencePiece *pieces)
{
  return pieces->processor.bos_id ();
}

gint32
gloss_sentence_piece_get_eos_id (const GlossSentencePiece *pieces)
{
  return pieces->processor.eos_id ();
}

const char *
gloss_sentence_piece_get_unk_surface (const GlossSentencePiece *pieces)
{
  return pieces->unk_surface.c_str ();
}

gboolean
gloss_sentence_piece_encode (const GlossSentencePiece *pieces, const char *text, gsize n_bytes,
                             GArray *ids, GError **error)
{
  static_assert (sizeof (int) == sizeof (gint32), "the library's ids are ints");

  try
    {
      std::vector<int> encoded;
      sentencepiece::util::Status status =
          pieces->processor.Encode (std::string_view (text, n_bytes), &encoded);

      if (status.ok ())
        {
          g_array_append_vals (ids, encoded.data (), encoded.size ());
          return TRUE;
        }
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("the text cannot be split into pieces: %s"), status.message ());
    }
  catch (const std::exception &exception)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("the text cannot be split into pieces: %s"), exception.what ());
    }
  return FALSE;
}
