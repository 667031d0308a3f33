/*
 * Whether a SentencePiece model file may be handed to the library.
 *
 * The library trusts a model file in places where a made-up one can hurt: it reads the tables of
 * text normalization without bounds, keeps at most 64 user-defined pieces that begin at one place,
 * and takes pieces for C strings. So the protobuf message is walked first, and only what passed
 * goes on, without its self-test, which would talk on the terminal.
 */
#include "model/sentencepiece-check.hh"

#include "base/i18n.h"
#include "model/sentencepiece-shim.h"

#include <algorithm>
#include <vector>

using gloss::CheckedModel;
using gloss::format_reason;
using gloss::Refusal;

std::string
gloss::format_reason (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return text;
}

namespace
{

constexpr size_t kMaxPieceBytes =
    4096; /* splitting an unused piece recurses once for each character */
constexpr size_t kMaxPrefixChain = 64;

/* Four times what PaliGemma has. */
constexpr gsize MAX_PIECES = 1 << 20;

/* Field numbers and values of sentencepiece_model.proto. */
enum
{
  MODEL_PIECES = 1,
  MODEL_TRAINER_SPEC = 2,
  MODEL_NORMALIZER_SPEC = 3,
  PIECE_TEXT = 1,
  PIECE_TYPE = 3,
  PIECE_TYPE_USER_DEFINED = 4,
  PIECE_TYPE_LAST = 6,
  TRAINER_MODEL_TYPE = 3,
  TRAINER_UNK_SURFACE = 44,
  TRAINER_MODEL_TYPE_BPE = 2,
  NORMALIZER_CHARSMAP = 2,
  NORMALIZER_ADD_DUMMY_PREFIX = 3,
  NORMALIZER_REMOVE_EXTRA_WHITESPACES = 4,
};

enum WireType
{
  VARINT = 0,
  FIXED64 = 1,
  BYTES = 2,
  FIXED32 = 5,
};

/* One field of a message: a number for VARINT, a view for the others. */
struct Field
{
  guint64 number;
  guint wire_type;
  guint64 value;
  std::string_view bytes;

  bool
  is (guint64 wanted_number, guint wanted_type) const
  {
    return number == wanted_number && wire_type == wanted_type;
  }
};

/* The fields of one message in order. */
class FieldReader
{
public:
  explicit FieldReader (std::string_view message) : rest_ (message) {}

  /* FALSE at the end of the message, and when it is malformed. */
  bool
  next (Field *field)
  {
    guint64 tag;

    if (rest_.empty () || is_malformed_)
      return false;
    is_malformed_ = !(read_varint (&tag) && read_content (tag, field));
    return !is_malformed_;
  }

  bool
  is_malformed () const
  {
    return is_malformed_;
  }

private:
  bool
  read_varint (guint64 *value)
  {
    *value = 0;
    for (guint shift = 0; shift < 70 && !rest_.empty (); shift += 7)
      {
        guint8 byte = rest_.front ();

        rest_.remove_prefix (1);
        *value |= shift < 64 ? (guint64) (byte & 0x7f) << shift : 0;
        if (byte < 0x80)
          return true;
      }
    return false;
  }

  bool
  read_content (guint64 tag, Field *field)
  {
    guint64 n_bytes = 0;

    *field = { tag >> 3, (guint) (tag & 7), 0, {} };
    if (field->number == 0)
      return false;
    switch (field->wire_type)
      {
      case VARINT:
        return read_varint (&field->value);
      case FIXED64:
        n_bytes = 8;
        break;
      case FIXED32:
        n_bytes = 4;
        break;
      case BYTES:
        if (!read_varint (&n_bytes))
          return false;
        break;
      default: /* groups, which no version of this format has */
        return false;
      }
    if (n_bytes > rest_.size ())
      return false;
    field->bytes = rest_.substr (0, n_bytes);
    rest_.remove_prefix (n_bytes);
    return true;
  }

  std::string_view rest_;
  bool is_malformed_ = false;
};

[[noreturn]] void
refuse_damaged ()
{
  throw Refusal{ GLOSS_ERROR_FORMAT, _ ("this is not a SentencePiece model, or a damaged one") };
}

void
append_varint (std::string *out, guint64 value)
{
  for (; value >= 0x80; value >>= 7)
    out->push_back ((char) (value | 0x80));
  out->push_back ((char) value);
}

void
append_bytes_field (std::string *out, guint64 number, std::string_view bytes)
{
  append_varint (out, number << 3 | BYTES);
  append_varint (out, bytes.size ());
  out->append (bytes);
}

/* The walk over a model file, and the message that is handed over. */
class ModelFile
{
public:
  explicit ModelFile (std::string_view message)
  {
    FieldReader reader (message);
    Field field;

    while (reader.next (&field))
      {
        if (field.is (MODEL_PIECES, BYTES))
          check_piece (field.bytes);
        else if (field.is (MODEL_TRAINER_SPEC, BYTES))
          read_trainer_spec (field.bytes);
        else if (field.is (MODEL_NORMALIZER_SPEC, BYTES))
          read_normalizer_spec (field.bytes);
        else
          continue;
        append_bytes_field (&checked_, field.number, field.bytes);
      }
    if (reader.is_malformed () || n_pieces_ == 0)
      refuse_damaged ();
    check_kind ();
    check_prefix_chains ();
    if (!has_loc_pieces_)
      append_loc_and_seg_pieces ();
  }

  CheckedModel
  take_result ()
  {
    return { std::move (checked_), std::move (unk_surface_) };
  }

private:
  void
  check_piece (std::string_view message)
  {
    FieldReader reader (message);
    Field field;
    std::string_view text;
    gint32 type = 0;

    while (reader.next (&field))
      {
        if (field.is (PIECE_TEXT, BYTES))
          text = field.bytes;
        else if (field.is (PIECE_TYPE, VARINT) && (gint32) field.value >= 1
                 && (gint32) field.value <= PIECE_TYPE_LAST)
          type = (gint32) field.value;
      }
    if (reader.is_malformed ())
      refuse_damaged ();
    if (text.empty () || text.size () > kMaxPieceBytes
        || !g_utf8_validate_len (text.data (), text.size (), nullptr))
      throw Refusal{ GLOSS_ERROR_FORMAT,
                     format_reason (_ ("piece %zu is not text of 1 to %zu bytes"), n_pieces_,
                                    kMaxPieceBytes) };
    if (++n_pieces_ > MAX_PIECES)
      throw Refusal{ GLOSS_ERROR_TOO_LARGE,
                     format_reason (_ ("it has more than %zu pieces"), MAX_PIECES) };
    has_loc_pieces_ |= text == "<loc0000>";
    if (type == PIECE_TYPE_USER_DEFINED)
      user_defined_.push_back (text);
  }

  void
  read_trainer_spec (std::string_view message)
  {
    FieldReader reader (message);
    Field field;

    while (reader.next (&field))
      {
        if (field.is (TRAINER_MODEL_TYPE, VARINT))
          is_bpe_ = field.value == TRAINER_MODEL_TYPE_BPE;
        else if (field.is (TRAINER_UNK_SURFACE, BYTES))
          {
            if (!g_utf8_validate_len (field.bytes.data (), field.bytes.size (), nullptr))
              refuse_damaged ();
            unk_surface_ = field.bytes;
          }
      }
    if (reader.is_malformed ())
      refuse_damaged ();
  }

  void
  read_normalizer_spec (std::string_view message)
  {
    FieldReader reader (message);
    Field field;

    while (reader.next (&field))
      {
        if (field.is (NORMALIZER_CHARSMAP, BYTES))
          has_charsmap_ |= !field.bytes.empty ();
        else if (field.is (NORMALIZER_ADD_DUMMY_PREFIX, VARINT))
          adds_dummy_prefix_ = field.value != 0;
        else if (field.is (NORMALIZER_REMOVE_EXTRA_WHITESPACES, VARINT))
          removes_spaces_ = field.value != 0;
      }
    if (reader.is_malformed ())
      refuse_damaged ();
  }

  /* The rules that decoding here relies on. */
  void
  check_kind () const
  {
    if (!is_bpe_)
      throw Refusal{ GLOSS_ERROR_UNSUPPORTED,
                     _ ("this SentencePiece model does not merge byte pairs as PaliGemma's does") };
    if (has_charsmap_ || adds_dummy_prefix_ || removes_spaces_)
      throw Refusal{
        GLOSS_ERROR_UNSUPPORTED,
        _ ("this SentencePiece model changes text before it is split; PaliGemma's does not")
      };
  }

  /* How many user-defined pieces are prefixes of one of them: in sorted order a chain is a stack.
   */
  void
  check_prefix_chains ()
  {
    std::vector<std::string_view> chain;

    std::sort (user_defined_.begin (), user_defined_.end ());
    for (std::string_view text : user_defined_)
      {
        while (!chain.empty () && text.substr (0, chain.back ().size ()) != chain.back ())
          chain.pop_back ();
        chain.push_back (text);
        if (chain.size () > kMaxPrefixChain)
          throw Refusal{ GLOSS_ERROR_UNSUPPORTED,
                         format_reason (_ ("more than %zu user-defined pieces begin alike"),
                                        kMaxPrefixChain) };
      }
  }

  void
  append_piece (const char *text)
  {
    std::string piece;

    append_bytes_field (&piece, PIECE_TEXT, text);
    piece.append ("\x15\0\0\0\0", 5); /* field 2, the score: a binary32 zero */
    append_varint (&piece, PIECE_TYPE << 3 | VARINT);
    append_varint (&piece, PIECE_TYPE_USER_DEFINED);
    append_bytes_field (&checked_, MODEL_PIECES, piece);
  }

  /* Concatenated messages are one message, so appending works after the other fields too. */
  void
  append_loc_and_seg_pieces ()
  {
    char text[32];

    for (guint i = 0; i < GLOSS_N_LOC_PIECES; i++)
      {
        g_snprintf (text, sizeof text, "<loc%04u>", i);
        append_piece (text);
      }
    for (guint i = 0; i < GLOSS_N_SEG_PIECES; i++)
      {
        g_snprintf (text, sizeof text, "<seg%03u>", i);
        append_piece (text);
      }
  }

  std::string checked_;
  gsize n_pieces_ = 0;
  std::vector<std::string_view> user_defined_;
  bool has_loc_pieces_ = false;
  /* The defaults of the format. */
  bool is_bpe_ = false;
  bool has_charsmap_ = false;
  bool adds_dummy_prefix_ = true;
  bool removes_spaces_ = true;
  std::string unk_surface_ = " \xe2\x81\x87 ";
};

} // namespace

CheckedModel
gloss::check_sentencepiece_model (std::string_view file)
{
  return ModelFile (file).take_result ();
}
