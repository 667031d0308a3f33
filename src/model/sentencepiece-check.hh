/* Whether a SentencePiece model file may be handed to the library, and what is handed over. */
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace gloss
{

/* Why a model file is refused: thrown, caught in the shim. */
struct Refusal
{
  GlossError code;
  std::string reason;
};

/* As sprintf () in a string of C++. */
std::string format_reason (const char *format, ...) G_GNUC_PRINTF (1, 2);

struct CheckedModel
{
  std::string message; /* serialized, without self-test; loc and seg pieces appended if missing */
  std::string unk_surface; /* valid UTF-8 */
};

/* Throws a Refusal. Any thread. */
CheckedModel check_sentencepiece_model (std::string_view file);

} // namespace gloss
