/* From a picture and a prompt to text: the whole of PaliGemma behind one call. */
#pragma once

#include "model/decode.h"
#include "model/image.h"
#include "model/model.h"
#include "model/resize.h"
#include "model/tokenizer.h"

G_BEGIN_DECLS

#define GLOSS_CAPTION_DEFAULT_PROMPT "caption en"
#define GLOSS_CAPTION_DEFAULT_MAX_TOKENS 128
#define GLOSS_CAPTION_MAX_TOKENS 4096

/* What to ask; all zero is the default. */
typedef struct
{
  const char *prompt; /* without the newline; NULL: GLOSS_CAPTION_DEFAULT_PROMPT; "" is allowed */
  const char *start_with; /* what the answer must start with; NULL: nothing */
  guint max_tokens; /* at most GLOSS_CAPTION_MAX_TOKENS; 0: GLOSS_CAPTION_DEFAULT_MAX_TOKENS */
  guint n_beams;    /* at most GLOSS_MAX_BEAMS; 0 or 1: no beams */
  GlossSampling sampling; /* without beams; all zero is greedy */
  GlossResize resize;
  guint64 image_key; /* names the picture; see gloss_captioner_run (); 0: no name */
  GlossKvPrecision kv_precision;
  gboolean use_final_softcap; /* Gemma 2: cap the logits of all tokens after the first */
} GlossCaptionRequest;

/* What the model said. */
typedef struct
{
  char *text;        /* owned; what comes after start_with; valid UTF-8 */
  GArray *ids;       /* owned gint32; EOS last, unless max_tokens came first */
  GArray *log_probs; /* owned float, one for each id */
  gboolean is_cut;   /* max_tokens came before the end */
} GlossCaption;

void gloss_caption_free (GlossCaption *caption);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossCaption, gloss_caption_free)

/* Called with each piece of text as soon as it is certain: whole characters, never "". From the
 * thread that runs the job. */
typedef void (*GlossTextFunc) (const char *text, gpointer user_data);

/* What a job is at, and how many of how many layers of that are done. Writing has no end that is
 * known beforehand: it is told once, as 0 of 0. */
typedef enum
{
  GLOSS_CAPTION_LOOKING, /* the vision tower */
  GLOSS_CAPTION_READING, /* image tokens and prompt through the language model */
  GLOSS_CAPTION_WRITING,
} GlossCaptionPhase;

typedef void (*GlossPhaseFunc) (GlossCaptionPhase phase, guint n_done, guint n_total,
                                gpointer user_data);

typedef struct _GlossCaptioner GlossCaptioner;

/*
 * Keeps references to @model and @tokenizer, and borrows @pool. Fails with GLOSS_ERROR_MISMATCH
 * when the tokenizer is not the model's. One thread at a time.
 */
GlossCaptioner *gloss_captioner_new (GlossModel *model, GlossTokenizer *tokenizer, GlossPool *pool,
                                     GError **error);
void gloss_captioner_free (GlossCaptioner *captioner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossCaptioner, gloss_captioner_free)

/* From now on calls @func (NULL: nothing) before the first and after each layer of a job, from the
 * thread that runs it. Between jobs only. */
void gloss_captioner_watch (GlossCaptioner *captioner, GlossPhaseFunc func, gpointer user_data);

/*
 * Bytes of memory that a job takes beside the mapped weights and the picture, for a prompt of
 * @n_text tokens; G_MAXSIZE on overflow. Any thread.
 */
gsize gloss_captioner_get_memory_bytes (const GlossModelConfig *config, gsize n_vocab, gsize n_text,
                                        guint max_tokens, guint n_beams, guint n_threads);

/*
 * Captions @image. @func (may be NULL) gets the text as it comes; with beams all of it at the end.
 * The image tokens of the last picture that had an image_key are kept: a request with the same key
 * and resize does not look again, whatever @image is.
 * A new caption, or NULL with GLOSS_ERROR_TOO_LARGE (prompt, memory), GLOSS_ERROR_CHANGED (a weight
 * file changed meanwhile) or G_IO_ERROR_CANCELLED, which comes within the time of one tile. Blocks.
 */
GlossCaption *gloss_captioner_run (GlossCaptioner *captioner, const GlossImage *image,
                                   const GlossCaptionRequest *request, GlossTextFunc func,
                                   gpointer user_data, GCancellable *cancellable, GError **error);

/*
 * How much the model is surprised that @text is the answer: the mean of −ln of the probabilities of
 * its tokens and EOS, each given those before it, which is the loss that fine-tuning lowers. Of
 * bos, prompt, newline, @text and EOS the first @max_ids count. Of @request prompt, resize and
 * image_key matter. *@loss is not finite when the weights are damaged. Fails as
 * gloss_captioner_run () does, and with GLOSS_ERROR_TOO_LARGE when the prompt alone has @max_ids.
 * Blocks.
 */
gboolean gloss_captioner_measure_loss (GlossCaptioner *captioner, const GlossImage *image,
                                       const GlossCaptionRequest *request, const char *text,
                                       gsize max_ids, double *loss, GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
