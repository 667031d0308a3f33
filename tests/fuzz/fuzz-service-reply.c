/* What a service answers: the first byte chooses which, the rest is its reply; or it is a
 * kaggle.json, or a header with checksums. */
#include "fuzz/fuzz.h"
#include "net/account-files.h"
#include "net/safe-name.h"
#include "net/source-private.h"

#include <string.h>

static void
check_list (const GlossSourceClass *class, json_t *root)
{
  g_autoptr (GPtrArray) files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gloss_source_file_free);
  g_autofree char *page = NULL;
  g_autofree char *revision = NULL;
  g_autoptr (GError) error = NULL;

  if (!class->parse_list (root, files, &page, &revision, &error))
    fuzz_assert_error (&error);
  g_assert_no_error (error);
  for (guint i = 0; i < files->len; i++)
    {
      const GlossSourceFile *file = g_ptr_array_index (files, i);

      g_assert_null (gloss_safe_name_find_fault (file->name));
      g_assert_true (file->name[0] != '/' && !g_str_has_suffix (file->name, "/.."));
      g_assert_cmpuint (file->n_bytes, <=, G_MAXINT64);
      g_assert_true (!file->digests.sha256 || gloss_is_hex (file->digests.sha256, 64));
      g_assert_true (!file->digests.md5 || gloss_is_hex (file->digests.md5, 32));
      g_assert_true (!file->digests.crc32c || gloss_is_hex (file->digests.crc32c, 8));
    }
  g_assert_true (!page || *page);
}

static void
check_version (json_t *root)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *version = gloss_kaggle_class.parse_version (root, &error);

  if (version)
    g_assert_cmpint (g_ascii_strtoll (version, NULL, 10), >, 0);
  else
    fuzz_assert_error (&error);
}

static void
check_account (const char *text, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GlossAccount) account =
      gloss_account_parse_kaggle_json (text, n_bytes, "kaggle.json", &error);
  g_autofree char *authorization = NULL;

  if (!account)
    {
      fuzz_assert_error (&error);
      return;
    }
  /* no second header, and no second user name, comes out of it */
  authorization = gloss_account_make_authorization (account);
  g_assert_null (strpbrk (authorization, "\r\n"));
  g_assert_null (strchr (account->user, ':'));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  static const GlossSourceClass *const classes[] = { &gloss_kaggle_class, &gloss_hugging_face_class,
                                                     &gloss_bucket_class };
  g_autofree char *text = NULL;
  g_autoptr (json_t) root = NULL;
  g_auto (GlossDigests) digests = { 0 };

  if (n_bytes == 0)
    return 0;
  text = fuzz_copy (data + 1, n_bytes - 1, TRUE);
  check_account (text, n_bytes - 1);
  gloss_digests_add_goog_hash (&digests, text);
  root = gloss_json_parse (text, n_bytes - 1, 8 << 20, "answer", NULL);
  if (!root)
    return 0;
  check_list (classes[data[0] % G_N_ELEMENTS (classes)], root);
  check_version (root);
  return 0;
}
