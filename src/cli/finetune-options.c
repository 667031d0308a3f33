/* The options of gloss-cli finetune. */
#include "cli/finetune-options.h"

#include "cli/commands.h"
#include "cli/pair-lists.h"
#include "model/captioner.h"
#include "train/gradient.h"

#include <math.h>
#include <string.h>

#define COMMAND "finetune"
#define MAX_STEPS 10000000
/* Where a preset is used with another kind of optimizer than its own; Adam's is scaled by width. */
#define SGD_RATE 0.03
#define ADAM_RATE 1e-4

static gboolean
parse_projections (GlossFinetuneOptions *options)
{
  g_auto (GStrv) names = NULL;

  if (!options->projections_name)
    return TRUE;
  names = g_strsplit (options->projections_name, ",", -1);
  for (char **name = names; *name; name++)
    {
      guint i = 0;

      while (i < GLOSS_N_PROJECTIONS && strcmp (gloss_projection_get_name (i), *name) != 0)
        i++;
      if (i == GLOSS_N_PROJECTIONS)
        return gloss_cli_refuse_usage (COMMAND,
                                       "--projections are q_proj, k_proj, v_proj, o_proj, "
                                       "gate_proj, up_proj and down_proj with commas, not \"%s\"",
                                       *name);
      options->projections |= 1u << i;
    }
  return TRUE;
}

static gboolean
check_numbers (const GlossFinetuneOptions *o)
{
  return gloss_cli_check_range (COMMAND, "--steps", o->n_steps, 0, MAX_STEPS)
         && gloss_cli_check_range (COMMAND, "--epochs", o->epochs, 0, 100000)
         && (o->batch == -1 || gloss_cli_check_range (COMMAND, "--batch", o->batch, 1, 65536))
         && gloss_cli_check_range (COMMAND, "--micro-batch", o->micro_batch, 0,
                                   GLOSS_TRAINER_MAX_MICRO_BATCH)
         && gloss_cli_check_range (COMMAND, "--lr", o->learning_rate, 0, 1000)
         && gloss_cli_check_range (COMMAND, "--weight-decay", o->weight_decay, -1, 1000)
         && gloss_cli_check_range (COMMAND, "--clip-norm", o->clip_norm, -1, 1e9)
         && gloss_cli_check_range (COMMAND, "--warmup", o->warmup, -1, 1)
         && gloss_cli_check_range (COMMAND, "--label-smoothing", o->label_smoothing, 0, 0.999)
         && gloss_cli_check_range (COMMAND, "--dropout", o->dropout, 0, 0.999)
         && (o->rank == -1
             || gloss_cli_check_range (COMMAND, "--rank", o->rank, 1, GLOSS_LORA_MAX_RANK))
         && gloss_cli_check_range (COMMAND, "--alpha", o->alpha, 0, 1e6)
         && gloss_cli_check_range (COMMAND, "--top-layers", o->n_top_layers, -1, 1000)
         && gloss_cli_check_range (COMMAND, "--max-tokens", o->max_ids, 8, 4096)
         && gloss_cli_check_range (COMMAND, "--eval-steps", o->eval_steps, -1, 10000000)
         && gloss_cli_check_range (COMMAND, "--snapshot-steps", o->snapshot_steps, -1, 10000000)
         && gloss_cli_check_range (COMMAND, "--captions", o->n_captions, 0, 10000)
         && gloss_cli_check_range (COMMAND, "--validation-share", o->validation_share, 0, 0.9)
         && gloss_cli_check_range (COMMAND, "--cache", o->cache_megabytes, 0, 1 << 20)
         && gloss_cli_check_range (COMMAND, "--threads", o->n_threads, 0, 1024)
         && (o->seed >= 0 || gloss_cli_refuse_usage (COMMAND, "--seed must not be negative"));
}

static gboolean
check_combinations (const GlossFinetuneOptions *o)
{
  if (!gloss_pair_lists_check (COMMAND, o->data, o->is_edited))
    return FALSE;
  if (!o->folder)
    return gloss_cli_refuse_usage (COMMAND, "name the folder for the result with --out");
  if (o->n_steps > 0 && o->epochs > 0)
    return gloss_cli_refuse_usage (COMMAND, "--steps and --epochs exclude each other");
  if (o->lower_case && o->keeps_case)
    return gloss_cli_refuse_usage (COMMAND, "--lower-case and --keep-case exclude each other");
  if (o->prompt && !g_utf8_validate (o->prompt, -1, NULL))
    return gloss_cli_refuse_usage (COMMAND, "--prompt is not valid UTF-8");
  return TRUE;
}

/* The recipe that all that is not given is taken from. */
static gboolean
choose_preset (GlossFinetuneOptions *o)
{
  static const char *const sets[] = { "attention", "lora", "all", NULL };
  const char *names[GLOSS_N_PRESETS + 1] = { NULL };
  int set, preset;

  for (guint i = 0; i < GLOSS_N_PRESETS; i++)
    names[i] = gloss_preset_get (i)->id;
  if (!gloss_cli_parse_choice (COMMAND, "--train", o->train_name, sets, &set)
      || !gloss_cli_parse_choice (COMMAND, "--preset", o->preset_name, names, &preset))
    return FALSE;
  if (o->preset_name)
    o->preset = gloss_preset_get ((GlossPresetId) preset);
  else
    o->preset = o->train_name ? gloss_preset_for_set ((GlossTrainSet) set)
                              : gloss_preset_get (GLOSS_PRESET_BALANCED);
  o->train.set = o->train_name ? (GlossTrainSet) set : o->preset->set;
  /* only whoever asks for the notebook gets captions that differ from what was written */
  o->lower_case = o->lower_case || (o->preset_name && o->preset->lower_case && !o->keeps_case);
  return TRUE;
}

static gboolean
make_options (GlossFinetuneOptions *o)
{
  static const char *const optimizers[] = { "sgd", "adam", "adamw", NULL };
  static const char *const schedules[] = { "cosine", "linear", "constant", NULL };
  int optimizer, schedule;

  if (!choose_preset (o)
      || !gloss_cli_parse_choice (COMMAND, "--optimizer", o->optimizer_name, optimizers, &optimizer)
      || !gloss_cli_parse_choice (COMMAND, "--schedule", o->schedule_name, schedules, &schedule)
      || !parse_projections (o))
    return FALSE;
  o->optimizer = o->optimizer_name ? (GlossOptimizerKind) optimizer : o->preset->optimizer.kind;
  o->trainer.schedule = (GlossScheduleKind) schedule;
  o->trainer.micro_batch = (guint) o->micro_batch;
  o->trainer.seed = (guint64) o->seed;
  o->trainer.n_captions = (guint) o->n_captions;
  o->trainer.max_cache_bytes = (gsize) o->cache_megabytes * 1000000;
  o->trainer.max_kept_bytes = GLOSS_GRADIENT_KEPT_BYTES;
  o->trainer.max_tokens = MIN ((guint) o->max_ids, GLOSS_CAPTION_MAX_TOKENS);
  return TRUE;
}

/* A preset's rate is for its optimizer. */
static double
choose_rate (const GlossFinetuneOptions *o, const GlossModelConfig *config)
{
  gboolean is_sgd = o->optimizer == GLOSS_OPTIMIZER_SGD;

  if (o->learning_rate > 0)
    return o->learning_rate;
  if (is_sgd == (o->preset->optimizer.kind == GLOSS_OPTIMIZER_SGD))
    return gloss_preset_get_learning_rate (o->preset, config);
  return is_sgd ? SGD_RATE : gloss_preset_scale_rate (ADAM_RATE, config);
}

static void
fit_lora (GlossTrainOptions *train, const GlossFinetuneOptions *o)
{
  const GlossPreset *preset =
      o->preset->rank > 0 ? o->preset : gloss_preset_for_set (GLOSS_TRAIN_LORA);

  if (train->set != GLOSS_TRAIN_LORA)
    {
      train->rank = 0;
      train->alpha = 0;
      return;
    }
  train->rank = o->rank >= 0 ? (guint) o->rank : preset->rank;
  train->alpha =
      o->alpha > 0 ? (float) o->alpha : (float) train->rank * preset->alpha / (float) preset->rank;
  train->projections = o->projections;
  train->seed = (guint64) o->seed;
}

void
gloss_finetune_options_fit (GlossFinetuneOptions *o, const GlossModelConfig *config,
                            guint n_examples)
{
  GlossTrainSet set = o->train.set;
  GlossScheduleKind schedule = o->trainer.schedule;
  GlossTrainerOptions *trainer = &o->trainer;
  guint n_steps;

  gloss_preset_apply (o->preset, config, n_examples, &o->train, trainer);
  o->train.set = set;
  trainer->schedule = schedule;
  o->train.freeze_stem = o->freeze_stem;
  if (o->n_top_layers >= 0)
    o->train.n_top_layers = (guint) o->n_top_layers;
  fit_lora (&o->train, o);
  if (o->optimizer != o->preset->optimizer.kind)
    gloss_optimizer_options_init (&trainer->optimizer, o->optimizer);
  if (o->optimizer != o->preset->optimizer.kind)
    trainer->optimizer.clip_norm = o->preset->optimizer.clip_norm;
  if (o->clip_norm >= 0)
    trainer->optimizer.clip_norm = (float) o->clip_norm;
  if (o->weight_decay >= 0)
    trainer->optimizer.weight_decay = (float) o->weight_decay;
  trainer->learning_rate = choose_rate (o, config);
  if (o->warmup >= 0)
    trainer->warmup_frac = o->warmup;
  if (o->batch > 0)
    trainer->batch = (guint) o->batch;
  trainer->label_smoothing = (float) o->label_smoothing;
  trainer->dropout = (float) o->dropout;
  n_steps = trainer->n_steps;
  if (o->epochs > 0)
    n_steps = (guint) CLAMP (rint (o->epochs * n_examples / trainer->batch), 1, MAX_STEPS);
  trainer->n_steps = o->n_steps > 0 ? (guint) o->n_steps : n_steps;
}

gboolean
gloss_finetune_options_parse (GlossFinetuneOptions *o, int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "model", 'm', 0, G_OPTION_ARG_FILENAME, &o->model,
      "the model to begin with: a path or a name (default: the demo)", "MODEL" },
    { "tokenizer", 0, 0, G_OPTION_ARG_FILENAME, &o->tokenizer,
      "the SentencePiece model (default: the one beside the model)", "FILE" },
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &o->folder, "the folder for the result", "FOLDER" },
    { "preset", 0, 0, G_OPTION_ARG_STRING, &o->preset_name,
      "the recipe: quick, balanced, notebook or full (default: balanced, or by --train); what is "
      "given with other options replaces what it says",
      "NAME" },
    { "train", 0, 0, G_OPTION_ARG_STRING, &o->train_name, "attention, lora or all", "WHAT" },
    { "top-layers", 0, 0, G_OPTION_ARG_INT, &o->n_top_layers,
      "only so many last layers of the language model", "N" },
    { "freeze-stem", 0, 0, G_OPTION_ARG_NONE, &o->freeze_stem, "with all: not the patch embedding",
      NULL },
    { "rank", 0, 0, G_OPTION_ARG_INT, &o->rank, "of the adapter", "N" },
    { "alpha", 0, 0, G_OPTION_ARG_DOUBLE, &o->alpha,
      "the adapter counts alpha/rank times (default: twice the rank)", "X" },
    { "projections", 0, 0, G_OPTION_ARG_STRING, &o->projections_name,
      "what the adapter is for, as q_proj,v_proj (default: all seven)", "LIST" },
    { "optimizer", 0, 0, G_OPTION_ARG_STRING, &o->optimizer_name, "sgd, adam or adamw", "NAME" },
    { "lr", 0, 0, G_OPTION_ARG_DOUBLE, &o->learning_rate, "the highest learning rate", "X" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &o->schedule_name,
      "cosine, linear or constant (default: cosine)", "NAME" },
    { "warmup", 0, 0, G_OPTION_ARG_DOUBLE, &o->warmup,
      "share of the steps in which the learning rate rises", "X" },
    { "weight-decay", 0, 0, G_OPTION_ARG_DOUBLE, &o->weight_decay,
      "with adam as big_vision has it, with adamw as PyTorch", "X" },
    { "clip-norm", 0, 0, G_OPTION_ARG_DOUBLE, &o->clip_norm,
      "shorten gradients that are longer, 0 never", "X" },
    { "label-smoothing", 0, 0, G_OPTION_ARG_DOUBLE, &o->label_smoothing,
      "share of the target that goes to all other tokens (default: 0)", "X" },
    { "dropout", 0, 0, G_OPTION_ARG_DOUBLE, &o->dropout, "in the language model (default: 0)",
      "X" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &o->n_steps, "how many", "N" },
    { "epochs", 0, 0, G_OPTION_ARG_DOUBLE, &o->epochs, "instead: times through the pictures", "X" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &o->batch, "pictures in a step", "N" },
    { "micro-batch", 0, 0, G_OPTION_ARG_INT, &o->micro_batch,
      "pictures at once, which costs memory (default: by the model)", "N" },
    { "max-tokens", 0, 0, G_OPTION_ARG_INT, &o->max_ids,
      "of prompt and caption; longer ones are cut (default: 128)", "N" },
    { "prompt", 'p', 0, G_OPTION_ARG_STRING, &o->prompt,
      "for lines without a prefix (default: \"caption en\")", "TEXT" },
    { "lower-case", 0, 0, G_OPTION_ARG_NONE, &o->lower_case, "learn captions in lower case", NULL },
    { "keep-case", 0, 0, G_OPTION_ARG_NONE, &o->keeps_case,
      "learn them as they are written, also with notebook", NULL },
    { "edited", 0, 0, G_OPTION_ARG_NONE, &o->is_edited,
      "learn from the captions that you edited in Gloss's window instead of DATA", NULL },
    { "validation", 0, 0, G_OPTION_ARG_FILENAME, &o->validation, "the list of held-out pictures",
      "FILE" },
    { "validation-share", 0, 0, G_OPTION_ARG_DOUBLE, &o->validation_share,
      "of the pictures to hold out where there is no such list (default: 0.1)", "X" },
    { "eval-steps", 0, 0, G_OPTION_ARG_INT, &o->eval_steps,
      "try the held-out pictures each so many steps (default: four times)", "N" },
    { "captions", 0, 0, G_OPTION_ARG_INT, &o->n_captions,
      "how many of them are captioned then (default: 4)", "N" },
    { "snapshot-steps", 0, 0, G_OPTION_ARG_INT, &o->snapshot_steps,
      "be ready for --resume each so many steps (default: as --eval-steps)", "N" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &o->resumes, "go on with the run in the folder", NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &o->seed, "of all that is drawn (default: 0)", "N" },
    { "cache", 0, 0, G_OPTION_ARG_INT, &o->cache_megabytes,
      "memory for what need not be computed again (default: 2000)", "MB" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &o->n_threads, "0: one for each CPU (default: 0)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o->prints_json,
      "print what goes into log.jsonl instead of text", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "no notes and no progress", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->data, NULL, "DATA" },
    { NULL },
  };

  o->batch = o->rank = o->n_top_layers = -1;
  o->clip_norm = o->weight_decay = o->warmup = -1;
  o->max_ids = 128;
  o->eval_steps = o->snapshot_steps = -1;
  o->n_captions = GLOSS_TRAINER_DEFAULT_N_CAPTIONS;
  o->validation_share = 0.1;
  o->cache_megabytes = 2000;
  if (!gloss_cli_parse_options (
          COMMAND, entries, "— teach a model captions",
          "DATA is a list of captions or a folder, in any layout that gloss-cli data check knows; "
          "lists with\n\"val\" or \"test\" in their names are held out. What changes goes into the "
          "folder, which\ngloss-cli caption --model then takes; the model stays as it is and where "
          "it is.\n",
          argc, argv))
    return FALSE;
  return check_numbers (o) && check_combinations (o) && make_options (o);
}

void
gloss_finetune_options_clear (GlossFinetuneOptions *options)
{
  g_strfreev (options->data);
  g_free (options->model);
  g_free (options->tokenizer);
  g_free (options->folder);
  g_free (options->validation);
  g_free (options->prompt);
  g_free (options->preset_name);
  g_free (options->train_name);
  g_free (options->optimizer_name);
  g_free (options->schedule_name);
  g_free (options->projections_name);
}
