/* A model for other programs: big_vision's npz, Hugging Face's folder. */
#pragma once

#include "model/model.h"

G_BEGIN_DECLS

typedef enum
{
  GLOSS_EXPORT_NPZ,
  GLOSS_EXPORT_HF,
} GlossExportKind;

#define GLOSS_EXPORT_SHARD_BYTES G_GUINT64_CONSTANT (5000000000)

typedef struct
{
  GlossExportKind kind;
  gsize n_pieces; /* of the tokenizer: an npz has as many table rows */
  gboolean converts;
  GlossDtype dtype;    /* if it converts: of all tensors; else each keeps its own, and what was
                          trained is F32 */
  guint64 shard_bytes; /* of HF; 0: GLOSS_EXPORT_SHARD_BYTES */
} GlossExportOptions;

typedef struct _GlossExport GlossExport;

/* What the export of @model, which it keeps a reference to, will hold; low-rank additions become
 * part of their matrices. Any thread. */
GlossExport *gloss_export_new (GlossModel *model, const GlossExportOptions *options);
void gloss_export_free (GlossExport *export);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossExport, gloss_export_free)

/* Bytes of all weight files. Any thread. */
guint64 gloss_export_get_n_bytes (const GlossExport *export);

/* "config.json" as transformers reads it; a new reference. Any thread. */
json_t *gloss_export_make_config (const GlossExport *export);

/* @n_done of @n_all bytes are written. */
typedef void (*GlossExportProgress) (guint64 n_done, guint64 n_all, gpointer user_data);

/*
 * NPZ: writes the file @path, as gloss_atomic_file_begin () does. HF: writes safetensors, with an
 * index if there are several, and config.json into the folder @path, which is there; each file is
 * whole or not there. @progress and @cancellable may be NULL; both are asked for every few MB.
 * Memory: some ten MB and one tensor. Fails with G_IO_ERROR, in particular
 * G_IO_ERROR_NO_SPACE before the first byte and G_IO_ERROR_CANCELLED, or GLOSS_ERROR_CHANGED.
 * Blocks. Any thread.
 */
gboolean gloss_export_write (const GlossExport *export, const char *path, gboolean may_replace,
                             GlossExportProgress progress, gpointer user_data,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
