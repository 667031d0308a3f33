/* How often runs of words stand in a text. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs of one to so many words are counted, by BLEU and CIDEr alike. */
#define GLOSS_NGRAM_MAX 4

/*
 * The runs of exactly @n words in @tokens with how often each is there: a new table of owned
 * strings to counts, by GPOINTER_TO_UINT (). Any thread.
 */
GHashTable *gloss_ngrams_count (const char *const *tokens, guint n);

G_END_DECLS
