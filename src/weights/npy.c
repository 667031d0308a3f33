/*
 * The header of one .npy array: "\x93NUMPY", version, length, and the text of a Python dictionary
 * with the keys descr, fortran_order and shape, padded with spaces and ended by a newline.
 */
#include "weights/npy.h"

#include "base/error.h"
#include "base/i18n.h"

#include <string.h>

/* numpy itself writes fewer than 200 bytes and reads at most 10,000 unless told to trust the file.
 */
#define MAX_HEADER_BYTES (GLOSS_NPY_MAX_HEADER_BYTES - 12)

/* bfloat16 has no name of its own in numpy: ml_dtypes saves it as two bytes without a type. */
static const struct
{
  const char *descr;
  GlossDtype dtype;
} descrs[] = {
  { "<f4", GLOSS_DTYPE_F32 },  { "<f2", GLOSS_DTYPE_F16 },  { "<f8", GLOSS_DTYPE_F64 },
  { "<i8", GLOSS_DTYPE_I64 },  { "<i4", GLOSS_DTYPE_I32 },  { "<i2", GLOSS_DTYPE_I16 },
  { "|i1", GLOSS_DTYPE_I8 },   { "|u1", GLOSS_DTYPE_U8 },   { "|b1", GLOSS_DTYPE_BOOL },
  { "<V2", GLOSS_DTYPE_BF16 }, { "|V2", GLOSS_DTYPE_BF16 }, { "bfloat16", GLOSS_DTYPE_BF16 },
};

typedef struct
{
  const char *text; /* borrowed, ends in NUL */
  const char *at;
  /* static; what was not found at @at: */
  const char *expected; /* a sign, or else */
  const char *sentence; /* a sentence that says so of the file, the tensor and the character */

  /* owned */
  char *descr;
  gboolean has_fortran_order;
  gboolean is_fortran_order;
  gboolean has_shape;
  guint n_dims; /* may exceed what is kept in @dims */
  gsize dims[GLOSS_TENSOR_MAX_DIMS];
} Parser;

static gboolean
accept (Parser *parser, const char *token)
{
  while (*parser->at == ' ')
    parser->at++;
  if (!g_str_has_prefix (parser->at, token))
    return FALSE;
  parser->at += strlen (token);
  return TRUE;
}

static gboolean
expect (Parser *parser, const char *token)
{
  if (accept (parser, token))
    return TRUE;
  parser->expected = token;
  return FALSE;
}

/* A quoted text; numpy needs no escapes for what it writes here. NULL when there is none. */
static char *
parse_text (Parser *parser, const char *sentence)
{
  char quote[2] = "'";
  gsize length;

  if (!accept (parser, quote))
    {
      quote[0] = '"';
      if (!accept (parser, quote))
        {
          parser->sentence = sentence;
          return NULL;
        }
    }
  length = strcspn (parser->at, quote);
  if (parser->at[length] == '\0' || memchr (parser->at, '\\', length))
    {
      parser->sentence = sentence;
      return NULL;
    }
  parser->at += length + 1;
  return g_strndup (parser->at - length - 1, length);
}

static gboolean
parse_dimension (Parser *parser, gsize *out)
{
  const char *digit;

  *out = 0;
  while (*parser->at == ' ')
    parser->at++;
  for (digit = parser->at; g_ascii_isdigit (*digit); digit++)
    {
      if (!g_size_checked_mul (out, *out, 10)
          || !g_size_checked_add (out, *out, (gsize) g_ascii_digit_value (*digit)))
        {
          parser->sentence = N_ ("%s: tensor \"%s\" has a damaged header: expected a dimension "
                                 "below 2^64 at character %d");
          return FALSE;
        }
    }
  if (digit == parser->at || (*parser->at == '0' && digit > parser->at + 1))
    {
      parser->sentence =
          N_ ("%s: tensor \"%s\" has a damaged header: expected a dimension at character %d");
      return FALSE;
    }
  parser->at = digit;
  return TRUE;
}

/* A tuple: "()", "(3,)", "(2, 3)", "(2, 3, )". */
static gboolean
parse_shape (Parser *parser)
{
  if (!expect (parser, "("))
    return FALSE;
  while (!accept (parser, ")"))
    {
      gsize dim;

      if (!parse_dimension (parser, &dim))
        return FALSE;
      if (parser->n_dims < GLOSS_TENSOR_MAX_DIMS)
        parser->dims[parser->n_dims] = dim;
      parser->n_dims++;
      if (!accept (parser, ","))
        {
          /* (3) is a number and no tuple. */
          if (parser->n_dims == 1)
            return expect (parser, ",");
          if (!expect (parser, ")"))
            return FALSE;
          break;
        }
    }
  parser->has_shape = TRUE;
  return TRUE;
}

static gboolean
parse_item (Parser *parser)
{
  g_autofree char *key = parse_text (
      parser,
      N_ ("%s: tensor \"%s\" has a damaged header: expected a key in quotes at character %d"));

  if (!key || !expect (parser, ":"))
    return FALSE;
  if (strcmp (key, "descr") == 0 && !parser->descr)
    {
      parser->descr = parse_text (parser, N_ ("%s: tensor \"%s\" has a damaged header: expected an "
                                              "element type in quotes at character %d"));
      return parser->descr != NULL;
    }
  if (strcmp (key, "fortran_order") == 0 && !parser->has_fortran_order)
    {
      parser->has_fortran_order = TRUE;
      parser->is_fortran_order = accept (parser, "True");
      return parser->is_fortran_order || expect (parser, "False");
    }
  if (strcmp (key, "shape") == 0 && !parser->has_shape)
    return parse_shape (parser);
  parser->sentence = N_ ("%s: tensor \"%s\" has a damaged header: expected each of descr, "
                         "fortran_order and shape once at character %d");
  return FALSE;
}

static gboolean
parse_dictionary (Parser *parser)
{
  if (!expect (parser, "{"))
    return FALSE;
  while (!accept (parser, "}"))
    {
      if (!parse_item (parser))
        return FALSE;
      if (!accept (parser, ","))
        {
          if (!expect (parser, "}"))
            return FALSE;
          break;
        }
    }
  if (!parser->descr || !parser->has_fortran_order || !parser->has_shape)
    {
      parser->sentence = N_ ("%s: tensor \"%s\" has a damaged header: expected each of descr, "
                             "fortran_order and shape once at character %d");
      return FALSE;
    }
  if (!accept (parser, "\n") || *parser->at != '\0')
    {
      parser->sentence = N_ ("%s: tensor \"%s\" has a damaged header: expected spaces and one "
                             "newline up to the end of the header at character %d");
      return FALSE;
    }
  return TRUE;
}

static gboolean
fill_view (const Parser *parser, GlossTensorView *view, GError **error)
{
  gboolean is_known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (descrs) && !is_known; i++)
    {
      is_known = strcmp (descrs[i].descr, parser->descr) == 0;
      if (is_known)
        view->dtype = descrs[i].dtype;
    }
  if (!is_known)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: tensor \"%s\" has elements of type \"%s\", which Gloss does not read"),
                   view->file_name, view->name, parser->descr);
      return FALSE;
    }
  if (parser->n_dims > GLOSS_TENSOR_MAX_DIMS)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
                   _ ("%s: tensor \"%s\" has %u dimensions, expected at most %d"), view->file_name,
                   view->name, parser->n_dims, GLOSS_TENSOR_MAX_DIMS);
      return FALSE;
    }
  if (parser->is_fortran_order && parser->n_dims > 1)
    {
      g_autofree char *shape = gloss_tensor_format_shape (parser->n_dims, parser->dims);

      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
          _ ("%s: tensor \"%s\" of shape %s is stored in Fortran order, first index fastest; "
             "save it again in C order"),
          view->file_name, view->name, shape);
      return FALSE;
    }
  view->n_dims = parser->n_dims;
  memcpy (view->dims, parser->dims, sizeof view->dims);
  return TRUE;
}

static gboolean
parse_text_of_header (const char *text, GlossTensorView *view, GError **error)
{
  Parser parser = { .text = text, .at = text };
  g_autofree char *descr = NULL;
  gboolean is_valid = parse_dictionary (&parser);

  descr = parser.descr;
  if (!is_valid)
    {
      int at = (int) (parser.at - parser.text);

      if (parser.sentence)
        g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ (parser.sentence), view->file_name,
                     view->name, at);
      else
        g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                     /* Translators: the third %s is a sign, such as a comma */
                     _ ("%s: tensor \"%s\" has a damaged header: expected %s at character %d"),
                     view->file_name, view->name, parser.expected, at);
      return FALSE;
    }
  return fill_view (&parser, view, error);
}

gboolean
gloss_npy_read_header (const guint8 *data, gsize n_bytes, GlossTensorView *view, GError **error)
{
  g_autofree char *text = NULL;
  gsize preamble_bytes, text_bytes;

  if (n_bytes < 12 || memcmp (data, "\x93NUMPY", 6) != 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\", of %zu bytes, does not begin as a numpy array does"),
                   view->file_name, view->name, n_bytes);
      return FALSE;
    }
  if (data[6] < 1 || data[6] > 3 || data[7] != 0)
    {
      g_set_error (
          error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED,
          _ ("%s: tensor \"%s\" is in version %u.%u of the numpy format, expected 1.0 to 3.0"),
          view->file_name, view->name, data[6], data[7]);
      return FALSE;
    }

  if (data[6] == 1)
    {
      preamble_bytes = 10;
      text_bytes = data[8] | (gsize) data[9] << 8;
    }
  else
    {
      preamble_bytes = 12;
      text_bytes = data[8] | (gsize) data[9] << 8 | (gsize) data[10] << 16 | (gsize) data[11] << 24;
    }
  if (text_bytes > MAX_HEADER_BYTES)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("%s: tensor \"%s\" has a header of %zu bytes, expected at most %d"),
                   view->file_name, view->name, text_bytes, MAX_HEADER_BYTES);
      return FALSE;
    }
  if (text_bytes > n_bytes - preamble_bytes)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" has a header of %zu bytes, but only %zu bytes are left"),
                   view->file_name, view->name, text_bytes, n_bytes - preamble_bytes);
      return FALSE;
    }
  if (!g_utf8_validate_len ((const char *) data + preamble_bytes, text_bytes, NULL))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s: tensor \"%s\" has a damaged header: it is not text"), view->file_name,
                   view->name);
      return FALSE;
    }

  text = g_strndup ((const char *) data + preamble_bytes, text_bytes);
  view->data = data + preamble_bytes + text_bytes;
  view->n_bytes = n_bytes - preamble_bytes - text_bytes;
  return parse_text_of_header (text, view, error);
}
