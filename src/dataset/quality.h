/* How good a model's captions are: it says what is in pictures, and that is held against what
 * people wrote. */
#pragma once

#include "dataset/caption-scores.h"
#include "dataset/pairs.h"
#include "model/captioner.h"

G_BEGIN_DECLS

/* Zero is a sensible default but for max_ids. */
typedef struct
{
  const char *prompt;  /* of pairs that name none; NULL: GLOSS_CAPTION_DEFAULT_PROMPT */
  guint max_tokens;    /* of a caption; 0: GLOSS_CAPTION_DEFAULT_MAX_TOKENS */
  gsize max_ids;       /* of prompt and reference together that the loss is of */
  gboolean lower_case; /* the loss is of the references in lower case, as it was if they were
                          learnt so; the scores never tell cases apart */
  gboolean takes_all;  /* not only what is held out */
  guint limit;         /* pictures at most; 0: all */
} GlossQualityOptions;

/* One picture, or one question about it. */
typedef struct
{
  char *image_path;      /* owned */
  char *prompt;          /* owned */
  GPtrArray *references; /* owned strings, at least one: what people wrote */

  char *text;    /* owned; what the model says, NULL: the picture could not be read */
  char *failure; /* owned; why */
  guint n_words; /* of text */
  double loss;   /* the mean over references of that of gloss_captioner_measure_loss () */
  GlossCaptionScores scores; /* of this one; CIDEr in the light of the others */
} GlossQualityRecord;

typedef struct
{
  GArray *records; /* owned; of GlossQualityRecord, in the order of the pairs */
  guint n_scored;  /* records without failure, which all that follows is of */

  GlossCaptionScores scores;
  double loss; /* the mean over all references */
  double mean_words;
  double mean_reference_words;
  guint n_alike;       /* captions that another picture has too */
  char *most_common;   /* owned; the caption that most pictures have, NULL: all are different */
  guint n_most_common; /* how many have it */
  guint n_most_common_reference; /* the same of each picture's first reference; 0: all different */
} GlossQuality;

/* Picture @n_done of @n_all comes next: @record, which has no answer yet. */
typedef void (*GlossQualityFunc) (guint n_done, guint n_all, const GlossQualityRecord *record,
                                  gpointer user_data);

/* How many records gloss_quality_measure () makes. Any thread. */
guint gloss_quality_count_records (const GlossPairs *pairs, const GlossQualityOptions *options);

/*
 * Captions the pictures of @pairs that are held out, greedily; all when none are. A picture that
 * cannot be read gets its failure, and the others go on. @func (may be NULL) hears of each, from
 * the thread that runs it. NULL with G_IO_ERROR_CANCELLED, with G_IO_ERROR_NOT_FOUND when there is
 * no picture, or as the captioner fails where that is not for one picture. Blocks.
 */
GlossQuality *gloss_quality_measure (const GlossPairs *pairs, GlossCaptioner *captioner,
                                     const GlossQualityOptions *options, GlossQualityFunc func,
                                     gpointer user_data, GCancellable *cancellable, GError **error);
void gloss_quality_free (GlossQuality *quality);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossQuality, gloss_quality_free)

static inline const GlossQualityRecord *
gloss_quality_get (const GlossQuality *quality, guint index)
{
  return &g_array_index (quality->records, GlossQualityRecord, index);
}

/* Indices of the records, those with the highest loss first, failures last; @quality->records->len
 * of them, newly allocated. Any thread. */
guint *gloss_quality_rank (const GlossQuality *quality);

G_END_DECLS
