/* Weight files in memory, byte by byte, so that a test can spoil them. */
#pragma once

#include "base/mapped-file.h"

G_BEGIN_DECLS

/* Where the local header of each ".npy" member gets its sizes from, and the directory's end. */
typedef enum
{
  GLOSS_TEST_ZIP_PLAIN, /* 32-bit numbers, no extra fields */
  GLOSS_TEST_ZIP_NUMPY, /* ZIP64 sizes in the members' headers only, as numpy writes */
  GLOSS_TEST_ZIP_64,    /* every number in ZIP64 fields and records */
} GlossTestZipKind;

/* Adds a little-endian number of @n_bytes, or puts one over those at @at. */
void gloss_test_append_number (GByteArray *bytes, guint64 value, guint n_bytes);
void gloss_test_patch_number (GByteArray *bytes, gsize at, guint64 value, guint n_bytes);

/* A .npy array of version @major with the header text @dictionary, which is padded and ended, and
 * @n_data bytes 1, 2, 3, … */
GByteArray *gloss_test_npy_new (guint major, const char *dictionary, gsize n_data);

/* The three kinds of records of a ZIP file. */
void gloss_test_zip_append_member (GByteArray *zip, GlossTestZipKind kind, const char *name,
                                   guint64 n_bytes);
void gloss_test_zip_append_entry (GByteArray *zip, GlossTestZipKind kind, const char *name,
                                  guint64 n_bytes, guint64 offset);
/* @end_at is the offset of what this appends, which is behind a directory of @directory_bytes. */
void gloss_test_zip_append_end (GByteArray *zip, GlossTestZipKind kind, guint64 n_members,
                                guint64 directory_bytes, guint64 end_at);

/* A ZIP file of @n members; takes the references to @contents. @out_directory (may be NULL) gets
 * the offset of the directory. */
GByteArray *gloss_test_zip_new (GlossTestZipKind kind, guint n, const char *const *names,
                                GByteArray **contents, gsize *out_directory);

/* The same with all members deflated; @offsets (may be NULL) gets where the stream of each begins.
 */
GByteArray *gloss_test_zip_new_deflated (guint n, const char *const *names, GByteArray **contents,
                                         gsize *offsets, gsize *out_directory);

/* A safetensors file with this header and @n_data bytes 1, 2, 3, … */
GByteArray *gloss_test_safetensors_new (const char *header, gsize n_data);

/* Makes the checksums of the prepared file in @data right again, after its header was changed. */
void gloss_test_mend_prepared (char *data, gsize n_bytes);

/* Writes the @n_bytes at @data to a new file @name in @folder; its path, newly allocated. */
char *gloss_test_write (const char *folder, const char *name, gconstpointer data, gsize n_bytes);

/* Asks gloss_weights_open () to refuse @bytes under the file name @name, with @code and a message
 * that begins with the name and holds @part. */
void gloss_test_assert_refused (const char *name, GByteArray *bytes, int code, const char *part);

/*
 * Opens @file by @append_views as gloss_npz_append_views () does; under the address sanitizer the
 * rest of its last page is out of bounds. Fails the test if a view leaves the file. Returns whether
 * it was accepted, and else checks that an error was set.
 */
typedef gboolean (*GlossTestAppendViews) (GlossMappedFile *file, GStringChunk *strings,
                                          GArray *views, GError **error);
gboolean gloss_test_is_accepted_inside (const char *path, GlossTestAppendViews append_views);

/* What must hold for any file: cut off at any length @bytes are refused, and with any one byte
 * spoiled they are refused or read within bounds. */
void gloss_test_assert_withstands_damage (const char *name, GByteArray *bytes,
                                          GlossTestAppendViews append_views);

/* That the number of @n_bytes at @at has but one right value in @from … @to, both included: all
 * others are refused without a look outside of the file. */
void gloss_test_assert_number_is_refused (const char *name, GByteArray *bytes, gsize at,
                                          guint n_bytes, guint64 from, guint64 to,
                                          GlossTestAppendViews append_views);

G_END_DECLS
