/* What the tests share: comparing numbers, guard bytes, the malloc counter, finding fixtures. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Whether |got[i] − expected[i]| ≤ bound for each of the @n values. NaN equals only NaN, ∞ only ∞ of
 * the same sign, and no values at all are not a match. @out_max (may be NULL) gets the largest deviation and @out_where its index.
 */
gboolean gloss_is_close (const float *got, const float *expected, gsize n, double bound,
                         double *out_max, gsize *out_where);

/* The largest |x[i]|, by which a relative bound becomes an absolute one. */
double gloss_max_abs (const float *x, gsize n);

/* Fails the test, naming @what, the index and both values, unless gloss_is_close (). */
#define gloss_assert_close(got, expected, n, bound, what)                                          \
  gloss_assert_close_at (__FILE__, __LINE__, G_STRFUNC, got, expected, n, bound, what)
void gloss_assert_close_at (const char *file, int line, const char *func, const float *got,
                            const float *expected, gsize n, double bound, const char *what);

/* @n_bytes of memory between two guard zones; gloss_guarded_is_intact () is FALSE when something was
 * written beside it. @misalign shifts the start by that many bytes off a 64-byte boundary. */
typedef struct _GlossGuarded GlossGuarded;
GlossGuarded *gloss_guarded_new (gsize n_bytes, guint misalign);
gpointer gloss_guarded_get_data (GlossGuarded *guarded);
gboolean gloss_guarded_is_intact (GlossGuarded *guarded);
void gloss_guarded_free (GlossGuarded *guarded);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossGuarded, gloss_guarded_free)

/* A file below tests/, newly allocated: gloss_test_path ("fixtures/text/full.model"). */
char *gloss_test_path (const char *relative);

/* A file below data/, newly allocated. */
char *gloss_test_data_path (const char *relative);

/* A new empty folder, and removing it with all that it holds. */
char *gloss_test_folder_new (void);
void gloss_test_folder_remove (char *folder);

/* Fails the test unless @error is set to that code, or unless its message holds @part. Clears @error. */
void gloss_assert_error_says (GError **error, GQuark domain, int code, const char *part);

/* Deterministic values in [−1, 1), the same on every machine. */
void gloss_test_fill (float *x, gsize n, guint32 seed);

G_END_DECLS
