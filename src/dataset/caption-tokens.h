/* The words of a caption as coco-caption counts them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The tokens of @caption, UTF-8, in lower case and without punctuation, as the Penn Treebank
 * tokenizer of coco-caption gives them: "Someone's (red) bench." is "someone", "'s", "-lrb-",
 * "red", "-rrb-", "bench". What it does with English text is done here; addresses, emoticons and
 * dates of more than one word are not known. A new NULL-terminated array. Any thread.
 */
char **gloss_caption_tokens_split (const char *caption);

G_END_DECLS
