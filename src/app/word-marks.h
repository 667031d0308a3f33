/* What changed from one caption to another, to be seen and to be heard. */
#pragma once

#include "dataset/word-diff.h"

G_BEGIN_DECLS

/*
 * One side of @diff, which gloss_word_diff_make () made: with GLOSS_WORDS_GONE the text before,
 * whose words that go are struck through; with GLOSS_WORDS_NEW the one after, whose words that come
 * are bold and underlined. Pango's markup, newly allocated. Any thread.
 */
char *gloss_word_marks_make_markup (const GArray *diff, GlossWordsKind side);

/* The same for somebody who does not see the marks: "gone: “a toy”; new: “red”". Newly allocated.
 * Any thread. */
char *gloss_word_marks_describe (const GArray *diff);

G_END_DECLS
