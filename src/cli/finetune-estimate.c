/* What gloss-cli finetune says before it begins. */
#include "cli/finetune-estimate.h"

#include "base/memory.h"
#include "cli/messages.h"
#include "cli/transfer-line.h"

#include <stdio.h>
#include <stdlib.h>

static double
get_mean_ids (const GArray *set)
{
  double total = 0;

  for (guint i = 0; i < set->len; i++)
    total += (double) gloss_example_set_get (set, i)->n_ids;
  return total / MAX (1, set->len);
}

static guint64
count_model_bytes (GlossModel *model)
{
  GlossWeights *weights = gloss_checkpoint_get_weights (gloss_model_get_checkpoint (model));
  guint64 n_bytes = 0;

  for (guint i = 0; i < gloss_weights_get_n_tensors (weights); i++)
    n_bytes += gloss_weights_get_tensor (weights, i)->n_bytes;
  return n_bytes;
}

static void
say (const GlossFinetuneOptions *options, const GlossTrainEstimate *estimate, guint64 available)
{
  g_autofree char *memory = g_format_size (estimate->memory_bytes);
  g_autofree char *free_memory = g_format_size (available);
  g_autofree char *time = gloss_transfer_line_format_left (estimate->seconds);
  g_autofree char *step = g_strdup_printf ("%.2f", estimate->step_seconds);

  if (!options->only_estimates)
    gloss_cli_note ("this will take about %s, and %s of the %s of memory that are free", time,
                    memory, free_memory);
  else if (options->prints_json)
    {
      g_autoptr (json_t) root =
          json_pack ("{s:s, s:i, s:i, s:I, s:I, s:I, s:f, s:f}", "preset", options->preset->id,
                     "steps", (int) options->trainer.n_steps, "batch", (int) options->trainer.batch,
                     "trained_values", (json_int_t) estimate->trained_values, "memory_bytes",
                     (json_int_t) estimate->memory_bytes, "available_bytes",
                     (json_int_t) MIN (available, G_MAXINT64), "step_seconds",
                     estimate->step_seconds, "seconds", estimate->seconds);
      char *text = json_dumps (root, JSON_PRESERVE_ORDER);

      puts (text);
      free (text);
    }
  else
    printf ("preset  %s\nsteps   %u of %u pictures, %s s each\ntrained %" G_GUINT64_FORMAT
            " numbers\nmemory  %s of the %s that are free\ntime    %s\n",
            options->preset->id, options->trainer.n_steps, options->trainer.batch, step,
            estimate->trained_values, memory, free_memory, time);
}

gboolean
gloss_finetune_estimate (const GlossFinetuneOptions *options, GlossModel *model,
                         GlossTokenizer *tokenizer, GlossPool *pool, const GArray *training,
                         const GArray *validation, GCancellable *cancellable, GError **error)
{
  guint64 available = gloss_memory_get_available_bytes ();
  const GlossTrainPlan plan = {
    .config = gloss_model_get_config (model),
    .model_bytes = count_model_bytes (model),
    .train = &options->train,
    .trainer = &options->trainer,
    .n_training = training->len,
    .n_validation = validation->len,
    .mean_ids = get_mean_ids (training),
  };
  GlossTrainRates rates;
  GlossTrainEstimate estimate;

  if (!gloss_train_estimate_check (&plan, available, error))
    return FALSE;
  if (options->quiet && !options->only_estimates)
    return TRUE;
  if (!gloss_train_rates_get (&rates, model, pool, gloss_tokenizer_get_n_pieces (tokenizer),
                              options->trainer.max_ids, cancellable, error))
    return FALSE;
  gloss_train_estimate (&estimate, &plan, &rates);
  say (options, &estimate, available);
  return TRUE;
}
