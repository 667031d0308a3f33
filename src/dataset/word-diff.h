/* Which words of one text are not those of another. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_WORDS_SAME,
  GLOSS_WORDS_GONE, /* only in the text before */
  GLOSS_WORDS_NEW,  /* only in the text after */
} GlossWordsKind;

/* Words that follow one another, with one blank between them. */
typedef struct
{
  GlossWordsKind kind;
  char *words; /* owned; never empty */
} GlossWords;

/*
 * What has to go and to come so that @before, UTF-8, becomes @after, with as many words as can be
 * staying; what goes stands before what comes for it. A new array of GlossWords, which it frees. A
 * text of more than some thousand words counts as changed altogether. Any thread.
 */
GArray *gloss_word_diff_make (const char *before, const char *after);

static inline const GlossWords *
gloss_word_diff_get (const GArray *diff, guint index)
{
  return &g_array_index (diff, GlossWords, index);
}

G_END_DECLS
