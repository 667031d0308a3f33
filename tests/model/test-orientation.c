/* The EXIF orientation: read from every wrapping, and from damaged ones without reading beyond. */
#include "model/orientation.h"
#include "support/asserts.h"

#include <string.h>

static void
append (GByteArray *array, const void *bytes, gsize n)
{
  g_byte_array_append (array, bytes, (guint) n);
}

static void
append_number (GByteArray *array, guint32 value, guint n_bytes, gboolean is_big_endian)
{
  for (guint i = 0; i < n_bytes; i++)
    {
      guint8 byte = (guint8) (value >> 8 * (is_big_endian ? n_bytes - 1 - i : i));

      append (array, &byte, 1);
    }
}

typedef struct
{
  gboolean is_big_endian;
  guint32 directory; /* its offset; 0: 8, right behind the header */
  guint n_entries;   /* 0: 2 */
  guint type;        /* 0: SHORT */
  guint count;       /* 0: 1 */
} Odd;

/* A TIFF of two entries, the second of which is the orientation. */
static GByteArray *
new_tiff (guint orientation, Odd odd)
{
  GByteArray *tiff = g_byte_array_new ();
  gboolean big = odd.is_big_endian;
  guint type = odd.type ? odd.type : 3;

  append (tiff, big ? "MM\0*" : "II*\0", 4);
  append_number (tiff, odd.directory ? odd.directory : 8, 4, big);
  append_number (tiff, odd.n_entries ? odd.n_entries : 2, 2, big);
  append_number (tiff, 0x0100, 2, big);
  append_number (tiff, 3, 2, big);
  append_number (tiff, 1, 4, big);
  append_number (tiff, 7 << (big ? 16 : 0), 4, big);
  append_number (tiff, 0x0112, 2, big);
  append_number (tiff, type, 2, big);
  append_number (tiff, odd.count ? odd.count : 1, 4, big);
  append_number (tiff, type == 3 && big ? orientation << 16 : orientation, 4, big);
  append_number (tiff, 0, 4, big);
  return tiff;
}

typedef enum
{
  WRAP_TIFF,
  WRAP_JPEG,
  WRAP_PNG,
  WRAP_WEBP,
  WRAP_WEBP_PREFIXED,
  N_WRAPS,
} Wrap;

static void
append_riff_chunk (GByteArray *file, const char *type, const GByteArray *content)
{
  append (file, type, 4);
  append_number (file, content->len, 4, FALSE);
  append (file, content->data, content->len);
  if (content->len % 2)
    append (file, "", 1);
}

/* Takes @tiff. */
static GByteArray *
wrap (Wrap how, GByteArray *tiff)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  GByteArray *file;

  if (how == WRAP_TIFF)
    return tiff;
  file = g_byte_array_new ();
  if (how == WRAP_JPEG || how == WRAP_WEBP_PREFIXED)
    append (content, "Exif\0", 6);
  append (content, tiff->data, tiff->len);
  g_byte_array_unref (tiff);
  if (how == WRAP_JPEG)
    {
      append (file, "\xff\xd8\xff\xe0\0\x04xx", 8); /* a segment before it */
      append (file, "\xff\xe1\0\x06http", 8);       /* another use of APP1 */
      append (file, "\xff\xff\xe1", 3);             /* with a byte of padding */
      append_number (file, content->len + 2, 2, TRUE);
      append (file, content->data, content->len);
      append (file, "\xff\xd9", 2);
    }
  else if (how == WRAP_PNG)
    {
      append (file, "\x89PNG\r\n\x1a\n", 8);
      append (file, "\0\0\0\x01tEXtxabcd", 13);
      append_number (file, content->len, 4, TRUE);
      append (file, "eXIf", 4);
      append (file, content->data, content->len);
      append (file, "abcd", 4);
    }
  else
    {
      g_autoptr (GByteArray) odd = g_byte_array_new ();

      append (odd, "xyz", 3);
      append (file, "RIFF\0\0\0\0WEBP", 12);
      append_riff_chunk (file, "VP8L", odd);
      append_riff_chunk (file, "EXIF", content);
    }
  return file;
}

/* From memory of exactly that size, so that the address sanitizer sees every step beyond. */
static guint
parse (const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *exact = g_memdup2 (data, n_bytes);
  guint orientation = gloss_orientation_parse (exact, n_bytes);

  g_assert_cmpuint (orientation, >=, 1);
  g_assert_cmpuint (orientation, <=, 8);
  return orientation;
}

static void
assert_parsed (GByteArray *file, guint expected)
{
  g_assert_cmpuint (parse (file->data, file->len), ==, expected);
  g_byte_array_unref (file);
}

static void
test_every_wrapping_should_be_read (void)
{
  for (Wrap how = 0; how < N_WRAPS; how++)
    for (guint orientation = 1; orientation <= 8; orientation++)
      for (guint big = 0; big < 2; big++)
        {
          assert_parsed (wrap (how, new_tiff (orientation, (Odd){ .is_big_endian = big })),
                         orientation);
          assert_parsed (
              wrap (how, new_tiff (orientation, (Odd){ .is_big_endian = big, .type = 4 })),
              orientation);
        }
}

static void
test_damage_should_mean_upright (void)
{
  for (Wrap how = 0; how < N_WRAPS; how++)
    {
      assert_parsed (wrap (how, new_tiff (0, (Odd){ 0 })), 1);
      assert_parsed (wrap (how, new_tiff (9, (Odd){ 0 })), 1);
      assert_parsed (wrap (how, new_tiff (6, (Odd){ .n_entries = 1 })), 1);
      assert_parsed (wrap (how, new_tiff (6, (Odd){ .count = 2 })), 1);
      assert_parsed (wrap (how, new_tiff (6, (Odd){ .type = 2 })), 1);
      assert_parsed (wrap (how, new_tiff (6, (Odd){ .directory = 0xffffffff })), 1);
      assert_parsed (wrap (how, new_tiff (6, (Odd){ .directory = 37 })), 1);
      /* More entries than there is room for: those that are there count. */
      assert_parsed (wrap (how, new_tiff (6, (Odd){ .n_entries = 0xffff })), 6);
    }
}

static void
test_cut_files_should_be_read_within (void)
{
  for (Wrap how = 0; how < N_WRAPS; how++)
    {
      g_autoptr (GByteArray) file = wrap (how, new_tiff (6, (Odd){ 0 }));

      for (gsize n = 0; n < file->len; n++)
        parse (file->data, n);
    }
  g_assert_cmpuint (gloss_orientation_parse (NULL, 0), ==, 1);
}

static void
test_random_changes_should_be_read_within (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 100000; round++)
    {
      g_autoptr (GByteArray) file = wrap (round % N_WRAPS, new_tiff (6, (Odd){ 0 }));

      for (guint i = 0; i < 4; i++)
        file->data[g_rand_int_range (random, 0, (gint32) file->len)] ^=
            1 << g_rand_int_range (random, 0, 8);
      parse (file->data, file->len);
    }
}

/* Of the pixels "ab" over "cd" over "ef", as EXIF names where row 0 and column 0 are. */
static void
test_apply_should_turn (void)
{
  const char *const expected[] = { "abcdef", "badcfe", "fedcba", "efcdab",
                                   "acebdf", "ecafdb", "fdbeca", "bdface" };
  const char picture[] = "aAabBbcCcdDdeEefFf";

  for (guint orientation = 1; orientation <= 8; orientation++)
    {
      g_autofree guint8 *out = g_malloc (18);

      gloss_orientation_apply (out, (const guint8 *) picture, 3, 2, orientation);
      for (guint i = 0; i < 6; i++)
        {
          g_assert_cmpint (out[i * 3], ==, expected[orientation - 1][i]);
          g_assert_cmpint (out[i * 3 + 1], ==, g_ascii_toupper (expected[orientation - 1][i]));
          g_assert_cmpint (out[i * 3 + 2], ==, expected[orientation - 1][i]);
        }
    }
}

/* More than a block on each side: turning there and back is the picture again. */
static void
test_apply_should_be_undone_by_its_opposite (void)
{
  const guint opposite[] = { 1, 2, 3, 4, 5, 8, 7, 6 };
  const gsize height = 67, width = 101, n_bytes = height * width * 3;
  g_autofree guint8 *picture = g_malloc (n_bytes);
  g_autofree guint8 *turned = g_malloc (n_bytes);
  g_autofree guint8 *back = g_malloc (n_bytes);

  for (gsize i = 0; i < n_bytes; i++)
    picture[i] = (guint8) (i * 7919 >> 5);
  for (guint orientation = 1; orientation <= 8; orientation++)
    {
      gboolean is_swapped = orientation >= 5;

      gloss_orientation_apply (turned, picture, height, width, orientation);
      gloss_orientation_apply (back, turned, is_swapped ? width : height,
                               is_swapped ? height : width, opposite[orientation - 1]);
      g_assert_cmpmem (back, n_bytes, picture, n_bytes);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/orientation/every-wrapping/should-be-read",
                   test_every_wrapping_should_be_read);
  g_test_add_func ("/model/orientation/damage/should-mean-upright",
                   test_damage_should_mean_upright);
  g_test_add_func ("/model/orientation/cut-files/should-be-read-within",
                   test_cut_files_should_be_read_within);
  g_test_add_func ("/model/orientation/random-changes/should-be-read-within",
                   test_random_changes_should_be_read_within);
  g_test_add_func ("/model/orientation/apply/should-turn", test_apply_should_turn);
  g_test_add_func ("/model/orientation/apply/should-be-undone-by-its-opposite",
                   test_apply_should_be_undone_by_its_opposite);
  return g_test_run ();
}
