/* A set of named tensors from weight files, as views into the mapped files. */
#pragma once

#include "base/dtype.h"
#include "base/json.h"
#include "base/mapped-file.h"

G_BEGIN_DECLS

#define GLOSS_TENSOR_MAX_DIMS 8

/* Largest model.safetensors.index.json; a thousand tensors take 150 kB. */
#define GLOSS_WEIGHTS_MAX_INDEX_BYTES (2 * 1024 * 1024)

/* Where a tensor lies that is compressed: a stream of ZIP's method 8. */
typedef struct
{
  const guint8 *data;   /* borrowed; NULL: it is not compressed */
  gsize n_bytes;        /* of the stream */
  gsize n_header_bytes; /* come out before the tensor's own */
  guint32 checksum;     /* CRC-32 of all that comes out */
} GlossDeflated;

/*
 * One tensor of a file: bytes and their meaning. @data has any alignment and is never cast to float
 * *. Row-major, the last dimension fastest, unless it is packed. The product of @dims times the
 * element size, or what a packed matrix takes, is @n_bytes and lies inside the file: whoever made
 * the view has checked it.
 */
typedef struct
{
  const char *name; /* as in the file */
  GlossDtype dtype;
  guint n_dims;
  gsize dims[GLOSS_TENSOR_MAX_DIMS];
  const guint8 *data;
  gsize n_bytes;
  const char *file_name; /* base name of the file that holds it, for messages */
  gboolean
      is_packed; /* a matrix in panels, see tensor/panel.h: dims[0] outputs, the others inputs */
  gboolean has_checksum; /* the file says what the bytes should be */
  guint32 checksum;      /* CRC-32 of the bytes */
  GlossDeflated deflated;
} GlossTensorView;

typedef struct _GlossWeights GlossWeights;

/*
 * Opens an ".npz", ".safetensors" or ".gloss" file, or a folder that holds
 * model.safetensors.index.json with its shards, model.safetensors, or else just one ".gloss" file.
 * Nothing is copied. Fails with
 * GLOSS_ERROR_FORMAT, GLOSS_ERROR_UNSUPPORTED, GLOSS_ERROR_TOO_LARGE or G_IO_ERROR, in a sentence
 * with the file, the tensor and both numbers. Any thread.
 */
GlossWeights *gloss_weights_open (const char *path, GError **error);

/* The same, and npz files with compressed tensors too: those have no @data and can only be read
 * from the first byte to the last, see tensor-stream.h. */
GlossWeights *gloss_weights_open_streamed (const char *path, GError **error);
void gloss_weights_free (GlossWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossWeights, gloss_weights_free)

/* The tensors in the order of the files; views and their strings belong to @weights. Any thread. */
guint gloss_weights_get_n_tensors (GlossWeights *weights);
const GlossTensorView *gloss_weights_get_tensor (GlossWeights *weights, guint index);

/* The tensor called @name exactly, or NULL. Any thread. */
const GlossTensorView *gloss_weights_find (GlossWeights *weights, const char *name);

/* What a ".gloss" file says beside its tensors, see prepared.h; borrowed. NULL for other files. */
json_t *gloss_weights_get_metadata (GlossWeights *weights);

/* The mapped files, in the order in which they were opened; borrowed. Any thread. */
guint gloss_weights_get_n_files (GlossWeights *weights);
GlossMappedFile *gloss_weights_get_file (GlossWeights *weights, guint index);

/* Bytes of a packed matrix of shape @dims, see is_packed; G_MAXSIZE on overflow. Any thread. */
gsize gloss_tensor_count_packed_bytes (GlossDtype dtype, guint n_dims, const gsize *dims);

/* "2048×1024", or "scalar"; newly allocated. Any thread. */
char *gloss_tensor_format_shape (guint n_dims, const gsize *dims);

/* Whether all files are still what was mapped, see gloss_mapped_file_check (). Any thread. */
gboolean gloss_weights_check (GlossWeights *weights, GError **error);

G_END_DECLS
