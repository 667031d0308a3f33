/* The actions of gloss-cli models. */
#pragma once

#include "cli/commands.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What was given; borrowed. */
typedef struct
{
  const char *target;    /* the word after the action, or NULL */
  gboolean is_json;      /* list */
  gboolean is_available; /* list */
  const char *from;      /* pull: "kaggle", "huggingface" or NULL */
  const char *tokenizer; /* pull, import, verify: a path or NULL */
  const char *name;      /* pull, import: what to call it, or NULL */
  const char *base;      /* import: the model of an adapter, or NULL */
  const char *user;      /* login: or NULL */
  gboolean accepts_licence;
  gboolean trusts_endpoint; /* pull: HF_ENDPOINT is what the person wants */
  gboolean with_values;     /* pull, import, verify */
  gboolean is_quiet;
} GlossModelsOptions;

/* Each returns the exit status. */
int gloss_models_list (const GlossModelsOptions *options);
int gloss_models_pull (const GlossModelsOptions *options);
int gloss_models_import (const GlossModelsOptions *options);
int gloss_models_verify (const GlossModelsOptions *options);
int gloss_models_remove (const GlossModelsOptions *options);
int gloss_models_login (const GlossModelsOptions *options);
int gloss_models_logout (const GlossModelsOptions *options);

/* "5.9 GB", with a plain space; newly allocated. */
char *gloss_models_format_size (guint64 n_bytes);

G_END_DECLS
