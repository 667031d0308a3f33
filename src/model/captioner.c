/* From a picture and a prompt to text. */
#include "model/captioner.h"

#include "base/error.h"
#include "base/i18n.h"
#include "model/beam.h"
#include "model/prompt.h"
#include "model/siglip.h"
#include "model/text-stream.h"
#include "tensor/attention.h"
#include "tensor/linear.h"
#include "tensor/log-sum-exp.h"
#include "tensor/norm.h"
#include "tensor/product.h"

#include <math.h>
#include <string.h>

/* So many rows of logits are made at once, which shares reading the table and bounds the memory. */
#define LOSS_ROWS 8

struct _GlossCaptioner
{
  GlossModel *model;         /* owned */
  GlossTokenizer *tokenizer; /* owned */
  GlossPool *pool;           /* borrowed */
  GlossArena *arena;         /* owned; NULL before the first job */
  gsize arena_bytes;
  float *image_tokens; /* owned, [n_image_tokens × width]; NULL before the first with a key */
  guint64 image_key;   /* of image_tokens; 0: they are nobody's */
  GlossResize image_resize;
  GlossPhaseFunc phase_func; /* may be NULL */
  gpointer phase_data;
};

void
gloss_caption_free (GlossCaption *caption)
{
  g_free (caption->text);
  g_array_unref (caption->ids);
  g_array_unref (caption->log_probs);
  g_free (caption);
}

GlossCaptioner *
gloss_captioner_new (GlossModel *model, GlossTokenizer *tokenizer, GlossPool *pool, GError **error)
{
  GlossCaptioner *captioner;

  if (!gloss_checkpoint_check_vocabulary (gloss_model_get_checkpoint (model),
                                          gloss_tokenizer_get_n_pieces (tokenizer), error))
    return NULL;
  captioner = g_new0 (GlossCaptioner, 1);
  captioner->model = gloss_model_ref (model);
  captioner->tokenizer = gloss_tokenizer_ref (tokenizer);
  captioner->pool = pool;
  return captioner;
}

void
gloss_captioner_free (GlossCaptioner *captioner)
{
  gloss_model_unref (captioner->model);
  gloss_tokenizer_unref (captioner->tokenizer);
  g_clear_pointer (&captioner->arena, gloss_arena_free);
  g_free (captioner->image_tokens);
  g_free (captioner);
}

void
gloss_captioner_watch (GlossCaptioner *captioner, GlossPhaseFunc func, gpointer user_data)
{
  captioner->phase_func = func;
  captioner->phase_data = user_data;
}

/* Counts the layers of one tower. */
typedef struct
{
  GlossCaptioner *captioner;
  GlossCaptionPhase phase;
  const char *last_of_layer; /* how the name of a layer's last activation begins and ends */
  const char *suffix;
  guint n_done;
  guint n_total;
} Watch;

static void
tell_phase (Watch *watch)
{
  if (watch->captioner->phase_func)
    watch->captioner->phase_func (watch->phase, watch->n_done, watch->n_total,
                                  watch->captioner->phase_data);
}

static void
count_layer (const char *name, const float *x, gsize n_rows, gsize n_cols, gpointer user_data)
{
  Watch *watch = user_data;

  if (!g_str_has_prefix (name, watch->last_of_layer) || !g_str_has_suffix (name, watch->suffix))
    return;
  watch->n_done++;
  tell_phase (watch);
}

/* Blocks of the arena that a job keeps from its beginning to its end. */
typedef struct
{
  float *x;     /* [n_rows × width]: image tokens, then the prompt's embeddings */
  float *image; /* [side × side × 3] */
} Kept;

/* Scratch of each worker, and the arena of a job over @n_rows tokens; G_MAXSIZE on overflow. */
static gsize
get_scratch_bytes (const GlossModelConfig *config, gsize n_rows, guint max_tokens)
{
  gsize products = MAX (gloss_linear_get_scratch_bytes (), gloss_product_get_scratch_bytes ());
  gsize norms = gloss_norm_get_scratch_bytes (MAX (config->width, config->vit_width));

  return MAX (MAX (products, norms), gloss_attention_get_scratch_bytes (n_rows + max_tokens));
}

static gsize
get_arena_bytes (const GlossModelConfig *config, gsize n_vocab, gsize n_rows, guint n_beams)
{
  gsize side = gloss_model_config_get_image_size_px (config);
  gsize siglip = gloss_siglip_get_workspace_bytes (config);
  gsize gemma = gloss_gemma_get_workspace_bytes (config, n_rows);
  gsize step = gloss_gemma_get_workspace_bytes (config, n_beams);
  gsize decoder = gloss_decoder_get_workspace_bytes (config, n_vocab, n_beams);
  gsize image = gloss_arena_size_floats (side * side * 3);
  gsize n_bytes;

  if (!g_size_checked_mul (&n_bytes, n_rows, config->width)
      || (n_bytes = gloss_arena_size_floats (n_bytes)) == G_MAXSIZE
      || !g_size_checked_add (&decoder, decoder, step)
      || !g_size_checked_add (&n_bytes, n_bytes, image)
      || !g_size_checked_add (&n_bytes, n_bytes, MAX (MAX (siglip, gemma), decoder)))
    return G_MAXSIZE;
  return n_bytes;
}

gsize
gloss_captioner_get_memory_bytes (const GlossModelConfig *config, gsize n_vocab, gsize n_text,
                                  guint max_tokens, guint n_beams, guint n_threads)
{
  gsize n_rows = config->n_image_tokens + n_text;
  gsize scratch, n_bytes = get_arena_bytes (config, n_vocab, n_rows, n_beams);

  if (!g_size_checked_mul (&scratch, get_scratch_bytes (config, n_rows, max_tokens), n_threads)
      || !g_size_checked_add (&n_bytes, n_bytes, scratch)
      || !g_size_checked_add (&n_bytes, n_bytes,
                              gloss_kv_cache_get_size_bytes (config, n_rows, n_beams, max_tokens)))
    return G_MAXSIZE;
  return n_bytes;
}

/* Makes the arena and the workers' scratch large enough for the job, and takes what the job keeps.
 */
static gboolean
take_workspace (GlossCaptioner *captioner, gsize n_rows, guint max_tokens, guint n_beams,
                Kept *kept, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  gsize side = gloss_model_config_get_image_size_px (config);
  gsize n_vocab = gloss_tokenizer_get_n_pieces (captioner->tokenizer);
  gsize n_bytes = get_arena_bytes (config, n_vocab, n_rows, n_beams);

  if (!gloss_pool_reserve_scratch (captioner->pool, get_scratch_bytes (config, n_rows, max_tokens),
                                   error))
    return FALSE;
  if (!captioner->arena || captioner->arena_bytes < n_bytes)
    {
      g_clear_pointer (&captioner->arena, gloss_arena_free);
      captioner->arena = gloss_arena_new (n_bytes, error);
      if (!captioner->arena)
        return FALSE;
      captioner->arena_bytes = n_bytes;
    }
  gloss_arena_reset (captioner->arena, 0);
  kept->x = gloss_arena_alloc_floats (captioner->arena, n_rows * config->width);
  kept->image = gloss_arena_alloc_floats (captioner->arena, side * side * 3);
  return TRUE;
}

typedef struct
{
  GlossTextStream *stream;
  GString *text;
  GlossTextFunc func; /* may be NULL */
  gpointer user_data;
} Writer;

/* The decoder may emit NUL as a byte piece; text in C strings ends there, so it is left out. */
static void
write_text (Writer *writer, const char *text, gsize n_bytes)
{
  gsize old_len = writer->text->len;

  for (gsize i = 0; i < n_bytes; i++)
    {
      if (text[i] != '\0')
        g_string_append_c (writer->text, text[i]);
    }
  if (writer->func && writer->text->len > old_len)
    writer->func (writer->text->str + old_len, writer->user_data);
}

static void
write_token (gint32 id, gpointer user_data)
{
  Writer *writer = user_data;
  gsize n_bytes;
  const char *text = gloss_text_stream_push (writer->stream, id, &n_bytes);

  write_text (writer, text, n_bytes);
}

/* Fills the first rows of kept->x with the image tokens. */
static gboolean
look (GlossCaptioner *captioner, const GlossImage *image, const GlossCaptionRequest *request,
      const Kept *kept, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  gsize n_bytes = config->n_image_tokens * config->width * sizeof (float);
  Watch looking = { captioner, GLOSS_CAPTION_LOOKING,    "vit/block", "/+mlp",
                    0,         (guint) config->vit_depth };
  const GlossTap tap = { count_layer, &looking };

  if (request->image_key != 0 && request->image_key == captioner->image_key
      && request->resize == captioner->image_resize)
    {
      memcpy (kept->x, captioner->image_tokens, n_bytes);
      return TRUE;
    }
  if (!gloss_model_input_make (captioner->pool, kept->image,
                               gloss_model_config_get_image_size_px (config), image,
                               request->resize, error))
    return FALSE;
  tell_phase (&looking);
  gloss_siglip_encode (captioner->model, captioner->pool, captioner->arena, kept->x, kept->image,
                       &tap);
  if (request->image_key == 0 || gloss_pool_is_cancelled (captioner->pool))
    return TRUE;
  captioner->image_key = 0;
  if (!captioner->image_tokens)
    captioner->image_tokens = g_try_malloc (n_bytes);
  if (captioner->image_tokens) /* without it the next job looks again, which is no failure */
    {
      memcpy (captioner->image_tokens, kept->x, n_bytes);
      captioner->image_key = request->image_key;
      captioner->image_resize = request->resize;
    }
  return TRUE;
}

static GlossDecoded *
run_job (GlossCaptioner *captioner, const GlossImage *image, const GlossCaptionRequest *request,
         const GlossPrompt *prompt, const Kept *kept, GlossKvCache *cache, Writer *writer,
         GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  gsize n_rows = prompt->n_visible->len;
  gsize n_beams = MAX (1, request->n_beams);
  const float *state = kept->x + (n_rows - 1) * config->width;
  GlossDecoder decoder = {
    .model = captioner->model,
    .pool = captioner->pool,
    .arena = captioner->arena,
    .cache = cache,
    .n_vocab = gloss_tokenizer_get_n_pieces (captioner->tokenizer),
    .eos_id = gloss_tokenizer_get_eos_id (captioner->tokenizer),
    .max_tokens = request->max_tokens ? request->max_tokens : GLOSS_CAPTION_DEFAULT_MAX_TOKENS,
    .n_beams = (guint) n_beams,
    .sampling = request->sampling,
    .final_softcap = request->use_final_softcap ? config->final_softcap : 0,
  };
  Watch reading = { captioner, GLOSS_CAPTION_READING, "llm/block", "", 0, (guint) config->depth };
  const GlossTap tap = { count_layer, &reading };
  GlossDecoded *decoded;

  if (!look (captioner, image, request, kept, error))
    return NULL;
  tell_phase (&reading);
  gloss_gemma_embed (captioner->model, kept->x + config->n_image_tokens * config->width,
                     (const gint32 *) prompt->ids->data, prompt->ids->len);
  gloss_gemma_prefill (captioner->model, captioner->pool, captioner->arena, cache, kept->x, n_rows,
                       (const guint *) prompt->n_visible->data, 1, &tap);
  reading = (Watch){ .captioner = captioner, .phase = GLOSS_CAPTION_WRITING };
  tell_phase (&reading);
  if (n_beams == 1)
    return gloss_decode_single (&decoder, state, write_token, writer);

  decoded = gloss_decode_beams (&decoder, state);
  for (guint i = 0; i < decoded->ids->len; i++)
    write_token (g_array_index (decoded->ids, gint32, i), writer);
  return decoded;
}

GlossCaption *
gloss_captioner_run (GlossCaptioner *captioner, const GlossImage *image,
                     const GlossCaptionRequest *request, GlossTextFunc func, gpointer user_data,
                     GCancellable *cancellable, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  guint max_tokens = request->max_tokens ? request->max_tokens : GLOSS_CAPTION_DEFAULT_MAX_TOKENS;
  guint n_beams = MAX (1, request->n_beams);
  g_autoptr (GlossTextStream) stream = gloss_text_stream_new (captioner->tokenizer);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GlossPrompt) prompt = NULL;
  g_autoptr (GlossKvCache) cache = NULL;
  g_autoptr (GlossDecoded) decoded = NULL;
  g_autoptr (GError) local_error = NULL;
  Writer writer = { stream, text, func, user_data };
  Kept kept;
  GlossCaption *caption;
  const char *rest;
  gsize n_bytes;

  g_return_val_if_fail (n_beams <= GLOSS_MAX_BEAMS && max_tokens <= GLOSS_CAPTION_MAX_TOKENS, NULL);

  if (!gloss_model_check_files (captioner->model, error))
    return NULL;
  prompt = gloss_prompt_new (captioner->tokenizer,
                             request->prompt ? request->prompt : GLOSS_CAPTION_DEFAULT_PROMPT,
                             request->start_with, config->n_image_tokens, error);
  if (!prompt)
    return NULL;
  cache = gloss_kv_cache_new (config, prompt->n_visible->len, n_beams, max_tokens,
                              request->kv_precision, error);
  if (!cache
      || !take_workspace (captioner, prompt->n_visible->len, max_tokens, n_beams, &kept, error))
    return NULL;

  gloss_pool_begin_job (captioner->pool, cancellable);
  decoded = run_job (captioner, image, request, prompt, &kept, cache, &writer, &local_error);
  /* a cancel says more than what failed because of it */
  if (!gloss_pool_end_job (captioner->pool, error)
      || !gloss_model_check_files (captioner->model, error))
    return NULL;
  if (!decoded)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (decoded->is_broken)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT,
                   _ ("%s computes NaN or infinity instead of numbers, so its weights are damaged; "
                      "gloss-cli inspect --values says where"),
                   gloss_checkpoint_get_name (gloss_model_get_checkpoint (captioner->model)));
      return NULL;
    }

  rest = gloss_text_stream_finish (stream, &n_bytes);
  write_text (&writer, rest, n_bytes);
  caption = g_new0 (GlossCaption, 1);
  caption->text = g_string_free (g_steal_pointer (&text), FALSE);
  caption->ids = g_array_ref (decoded->ids);
  caption->log_probs = g_array_ref (decoded->log_probs);
  caption->is_cut = g_array_index (decoded->ids, gint32, decoded->ids->len - 1)
                    != gloss_tokenizer_get_eos_id (captioner->tokenizer);
  return caption;
}

/* The ids of an answer that a loss is of, behind what is given. */
typedef struct
{
  GlossPrompt *prompt; /* owned; with the answer, without EOS */
  gsize n_rows;        /* that are read, image tokens included */
  gsize n_wanted;      /* the last of them, each of which predicts an id */
  gint32 eos_id;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->prompt, gloss_prompt_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static gboolean
answer_init (Answer *answer, GlossCaptioner *captioner, const char *prefix, const char *text,
             gsize max_ids, GError **error)
{
  gsize n_image_tokens = gloss_model_get_config (captioner->model)->n_image_tokens;
  g_autoptr (GlossPrompt) given =
      gloss_prompt_new (captioner->tokenizer, prefix, NULL, n_image_tokens, error);
  gsize n_ids;

  if (!given)
    return FALSE;
  if (given->ids->len >= max_ids)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_TOO_LARGE,
                   _ ("the prompt \"%s\" has %u tokens, which leaves no room for the caption; "
                      "shorten it or allow more than %zu tokens"),
                   prefix, given->ids->len, max_ids);
      return FALSE;
    }
  answer->prompt = gloss_prompt_new (captioner->tokenizer, prefix, text, n_image_tokens, error);
  if (!answer->prompt)
    return FALSE;
  answer->eos_id = gloss_tokenizer_get_eos_id (captioner->tokenizer);
  n_ids = MIN ((gsize) answer->prompt->ids->len + 1, max_ids);
  answer->n_rows = n_image_tokens + n_ids - 1;
  answer->n_wanted = n_ids - given->ids->len;
  return TRUE;
}

/* The sum over the wanted ids of −log of their probabilities. */
static double
sum_losses (GlossCaptioner *captioner, const Answer *answer, const float *states)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  gsize n_vocab = gloss_tokenizer_get_n_pieces (captioner->tokenizer);
  float *logits = gloss_arena_alloc_floats (captioner->arena, LOSS_ROWS * n_vocab);
  gsize first_id = answer->n_rows - config->n_image_tokens - answer->n_wanted + 1;
  double sum = 0;

  for (gsize first = 0; first < answer->n_wanted && !gloss_pool_is_cancelled (captioner->pool);
       first += LOSS_ROWS)
    {
      gsize n = MIN (LOSS_ROWS, answer->n_wanted - first);

      gloss_gemma_logits_at_once (captioner->model, captioner->pool, captioner->arena, logits,
                                  states + first * config->width, n, n_vocab, 0);
      for (gsize i = 0; i < n; i++)
        {
          gsize index = first_id + first + i;
          gint32 id = index < answer->prompt->ids->len
                          ? g_array_index (answer->prompt->ids, gint32, index)
                          : answer->eos_id;

          sum += gloss_log_sum_exp (logits + i * n_vocab, n_vocab)
                 - (double) logits[i * n_vocab + (gsize) id];
        }
    }
  return sum;
}

static double
run_loss (GlossCaptioner *captioner, const GlossImage *image, const GlossCaptionRequest *request,
          const Answer *answer, const Kept *kept, GlossKvCache *cache, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  const float *states = kept->x + (answer->n_rows - answer->n_wanted) * config->width;

  if (!look (captioner, image, request, kept, error))
    return NAN;
  gloss_gemma_embed (captioner->model, kept->x + config->n_image_tokens * config->width,
                     (const gint32 *) answer->prompt->ids->data,
                     answer->n_rows - config->n_image_tokens);
  gloss_gemma_prefill (captioner->model, captioner->pool, captioner->arena, cache, kept->x,
                       answer->n_rows, (const guint *) answer->prompt->n_visible->data,
                       answer->n_wanted, NULL);
  return sum_losses (captioner, answer, states) / (double) answer->n_wanted;
}

gboolean
gloss_captioner_measure_loss (GlossCaptioner *captioner, const GlossImage *image,
                              const GlossCaptionRequest *request, const char *text, gsize max_ids,
                              double *loss, GCancellable *cancellable, GError **error)
{
  const GlossModelConfig *config = gloss_model_get_config (captioner->model);
  const char *prefix = request->prompt ? request->prompt : GLOSS_CAPTION_DEFAULT_PROMPT;
  g_auto (Answer) answer = { 0 };
  g_autoptr (GlossKvCache) cache = NULL;
  g_autoptr (GError) local_error = NULL;
  Kept kept;

  if (!gloss_model_check_files (captioner->model, error)
      || !answer_init (&answer, captioner, prefix, text, max_ids, error))
    return FALSE;
  cache = gloss_kv_cache_new (config, answer.n_rows, 1, 1, GLOSS_KV_F32, error);
  if (!cache || !take_workspace (captioner, answer.n_rows, 1, LOSS_ROWS, &kept, error))
    return FALSE;

  gloss_pool_begin_job (captioner->pool, cancellable);
  *loss = run_loss (captioner, image, request, &answer, &kept, cache, &local_error);
  if (!gloss_pool_end_job (captioner->pool, error)
      || !gloss_model_check_files (captioner->model, error))
    return FALSE;
  if (!local_error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
