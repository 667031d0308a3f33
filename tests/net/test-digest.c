/* Checksums: the published examples, and what Google's header says. */
#include "base/error.h"
#include "net/digest.h"
#include "support/asserts.h"

#include <string.h>

/* RFC 6234 and RFC 1321 ("abc"), RFC 3720 appendix B.4 and the check value of the CRC catalogue. */
static void
test_digests_should_be_as_published (void)
{
  static const struct
  {
    const char *text;
    GlossDigests expected;
  } cases[] = {
    { "abc",
      { (char *) "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        (char *) "900150983cd24fb0d6963f7d28e17f72", NULL } },
    { "123456789", { NULL, (char *) "25F9E794323B453885F5181F1B624D0B", (char *) "e3069283" } },
    { "", { NULL, (char *) "d41d8cd98f00b204e9800998ecf8427e", (char *) "00000000" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      for (gsize n_first = 0; n_first <= strlen (cases[i].text); n_first++)
        {
          g_autoptr (GlossDigest) digest = gloss_digest_new (&cases[i].expected);
          const guint8 *text = (const guint8 *) cases[i].text;
          g_autoptr (GError) error = NULL;

          gloss_digest_update (digest, text, n_first);
          gloss_digest_update (digest, text + n_first, strlen (cases[i].text) - n_first);
          gloss_digest_check (digest, &error);
          g_assert_no_error (error);
        }
    }
}

static void
test_crc32c_should_not_depend_on_pieces (void)
{
  guint8 zeros[32] = { 0 }, ascending[32];
  GlossDigests expected[] = { { NULL, NULL, (char *) "8a9136aa" },
                              { NULL, NULL, (char *) "46dd794e" } };

  for (guint i = 0; i < 32; i++)
    ascending[i] = (guint8) i;
  for (guint which = 0; which < 2; which++)
    {
      for (gsize n_first = 0; n_first <= 32; n_first++)
        {
          g_autoptr (GlossDigest) digest = gloss_digest_new (&expected[which]);
          const guint8 *data = which == 0 ? zeros : ascending;

          gloss_digest_update (digest, data, n_first);
          gloss_digest_update (digest, data + n_first, 32 - n_first);
          g_assert_true (gloss_digest_check (digest, NULL));
        }
    }
}

static void
test_wrong_digest_should_be_told (void)
{
  static const GlossDigests wrong[] = {
    { (char *) "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ae", NULL, NULL },
    { NULL, (char *) "900150983cd24fb0d6963f7d28e17f73", NULL },
    { NULL, NULL, (char *) "364b3fb8" },
  };
  static const char *const says[] = { "SHA-256 is ba7816bf", "MD5 is 90015098",
                                      "CRC-32C is 364b3fb7" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GlossDigest) digest = gloss_digest_new (&wrong[i]);
      g_autoptr (GError) error = NULL;

      gloss_digest_update (digest, (const guint8 *) "abc", 3);
      g_assert_false (gloss_digest_check (digest, &error));
      gloss_assert_error_says (&error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, says[i]);
    }
}

/* Of 1000 bytes, saved after any number of them. */
static void
test_saved_digest_should_go_on (void)
{
  const GlossDigests expected = {
    (char *) "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3",
    (char *) "cabe45dcc9ae5b66ba86600cca6b8ba8", (char *) "9f19ef6a"
  };
  guint8 data[1000];

  memset (data, 'a', sizeof data);
  for (gsize n_first = 64; n_first <= sizeof data; n_first += 13)
    {
      g_autoptr (GlossDigest) first = gloss_digest_new (&expected);
      g_autoptr (GlossDigest) second = gloss_digest_new (&expected);
      g_autofree char *saved = NULL;
      g_autoptr (GError) error = NULL;
      guint64 n_bytes;

      gloss_digest_update (first, data, 10);
      gloss_digest_update (first, data + 10, n_first - 10);
      saved = gloss_digest_save (first);
      g_assert_true (gloss_digest_restore (second, saved, &n_bytes));
      g_assert_cmpuint (n_bytes, ==, n_first / 64 * 64);
      gloss_digest_update (second, data + n_bytes, sizeof data - n_bytes);
      gloss_digest_check (second, &error);
      g_assert_no_error (error);
    }
}

static void
test_saved_nonsense_should_be_left_out (void)
{
  static const char *const nonsense[] = {
    "",
    " ",
    "1",
    "0 md5=0123456789abcdef0123456789abcdef",
    "-1 md5=0123456789abcdef0123456789abcdef",
    "99999999999999999999 md5=0123456789abcdef0123456789abcdef",
    "1 md5=0123456789abcdef",
    "1 md5=0123456789abcdef0123456789abcdex",
    "1 sha256=0123456789abcdef0123456789abcdef",
    "x md5=0123456789abcdef0123456789abcdef"
  };
  const GlossDigests expected = { NULL, (char *) "d41d8cd98f00b204e9800998ecf8427e", NULL };
  guint64 n_bytes;

  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autoptr (GlossDigest) digest = gloss_digest_new (&expected);

      g_assert_false (gloss_digest_restore (digest, nonsense[i], &n_bytes));
      g_assert_true (gloss_digest_check (digest, NULL));
    }
}

static void
test_goog_hash_should_be_read (void)
{
  static const char *const malformed[] = {
    "", ",", "md5=", "md5=abcd", "crc32c=AAAAAAAA", "md5", "sha1=2jmj7l5rSw0yVb/vlWAYkK/YBwk="
  };
  g_auto (GlossDigests) digests = { 0 };

  gloss_digests_add_goog_hash (&digests, "crc32c=n03x6A==, md5=1B2M2Y8AsgTpgAmY7PhCfg==");
  g_assert_cmpstr (digests.md5, ==, "d41d8cd98f00b204e9800998ecf8427e");
  g_assert_cmpstr (digests.crc32c, ==, "9f4df1e8");
  /* what is known is not replaced */
  gloss_digests_add_goog_hash (&digests, "crc32c=AAAAAA==");
  g_assert_cmpstr (digests.crc32c, ==, "9f4df1e8");
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_auto (GlossDigests) none = { 0 };

      gloss_digests_add_goog_hash (&none, malformed[i]);
      g_assert_null (none.md5);
      g_assert_null (none.crc32c);
      g_assert_null (none.sha256);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/digest/digests-should-be-as-published",
                   test_digests_should_be_as_published);
  g_test_add_func ("/net/digest/crc32c-should-not-depend-on-pieces",
                   test_crc32c_should_not_depend_on_pieces);
  g_test_add_func ("/net/digest/wrong-digest-should-be-told", test_wrong_digest_should_be_told);
  g_test_add_func ("/net/digest/saved-digest-should-go-on", test_saved_digest_should_go_on);
  g_test_add_func ("/net/digest/saved-nonsense-should-be-left-out",
                   test_saved_nonsense_should_be_left_out);
  g_test_add_func ("/net/digest/goog-hash-should-be-read", test_goog_hash_should_be_read);
  return g_test_run ();
}
