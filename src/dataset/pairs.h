/*
 * Pictures with what is to be said about them, from any of the layouts in which people keep such
 * data. What cannot be used is counted and named, and keeps nobody from using the rest.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GLOSS_LAYOUT_BIG_VISION,   /* JSONL with "image" and "suffix" */
  GLOSS_LAYOUT_JSONL,        /* JSONL with other names, as "file_name" and "text" */
  GLOSS_LAYOUT_HUGGING_FACE, /* metadata.jsonl or metadata.csv in the folder of the pictures */
  GLOSS_LAYOUT_COCO,         /* JSON with "images" and "annotations" */
  GLOSS_LAYOUT_CSV,          /* a table with a header */
  GLOSS_LAYOUT_SIDECARS,     /* a text file beside each picture */
  GLOSS_LAYOUT_EDITED,       /* what a person corrected; library/edited-pairs.h reads it */
} GlossLayout;

typedef enum
{
  GLOSS_PAIRS_NO_CAPTION, /* a picture about which nothing is said */
  GLOSS_PAIRS_NO_PICTURE, /* a caption whose picture is not there */
  GLOSS_PAIRS_DAMAGED,    /* an entry that cannot be understood */
  GLOSS_PAIRS_REPEATED,   /* the same words about the same picture, once more */
  GLOSS_N_PAIRS_PROBLEMS,
} GlossPairsProblem;

/* So many of each problem are named; the others are only counted. */
#define GLOSS_PAIRS_MAX_NAMED 1000

/* An entry, and a list in one piece, may not have more. */
#define GLOSS_PAIRS_MAX_ENTRY_BYTES ((gsize) 1 << 20)
#define GLOSS_PAIRS_MAX_PAIRS 10000000u

typedef struct
{
  char *image_path; /* owned */
  char *prefix;     /* owned; the prompt, NULL: not said */
  char *suffix;     /* owned; the caption, never empty */
  gboolean is_held_out;
} GlossPair;

typedef struct
{
  GlossLayout layout;
  char *folder;  /* owned; that the names of pictures are relative to */
  GArray *pairs; /* owned; of GlossPair */
  guint n_problems[GLOSS_N_PAIRS_PROBLEMS];
  GPtrArray *problems[GLOSS_N_PAIRS_PROBLEMS]; /* owned; "where: what", translated */
} GlossPairs;

/*
 * Reads @path: a .jsonl, .json (COCO) or .csv file, or a folder, in which a list is looked for
 * first: metadata.jsonl, metadata.csv, *.jsonl, *.csv, COCO's captions*.json, also in a folder
 * "train" of it; without one the text files beside its pictures count. Lists whose names tell
 * ("train", "val", "valid", "test") are read together, and what is not for training is held out.
 * NULL with G_IO_ERROR (also cancelled) when it cannot be read, with GLOSS_ERROR_UNSUPPORTED for
 * what is none of these, with GLOSS_ERROR_FORMAT for a list without names of its columns, and with
 * GLOSS_ERROR_TOO_LARGE. Any thread; it waits for the disk.
 */
GlossPairs *gloss_pairs_read (const char *path, GCancellable *cancellable, GError **error);
void gloss_pairs_free (GlossPairs *pairs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlossPairs, gloss_pairs_free)

/* For pairs that come from elsewhere. */
typedef struct _GlossPairsReader GlossPairsReader;

/*
 * Adds a pair, or says in words what is wrong with it. @where is the entry, for people
 * ("captions.csv:12"). @image is a path or relative to the reader's folder; any of the three may be
 * NULL. FALSE when there are too many.
 */
gboolean gloss_pairs_reader_add (GlossPairsReader *reader, const char *where, const char *image,
                                 const char *prefix, const char *suffix, GError **error);

/* Calls gloss_pairs_reader_add () for each; FALSE ends it. */
typedef gboolean (*GlossPairsFunc) (GlossPairsReader *reader, gpointer user_data, GError **error);

/* The pairs that @func adds. NULL when it fails, or as adding does. */
GlossPairs *gloss_pairs_make (GlossLayout layout, GlossPairsFunc func, gpointer user_data,
                              GError **error);

static inline const GlossPair *
gloss_pairs_get (const GlossPairs *pairs, guint index)
{
  return &g_array_index (pairs->pairs, GlossPair, index);
}

/*
 * Holds out @frac of the pictures, with all that is said about them, and at least one where there
 * are two; the same for the same @seed and list. Nothing when some are held out already. Any
 * thread.
 */
void gloss_pairs_split (GlossPairs *pairs, double frac, guint64 seed);
guint gloss_pairs_count_held_out (const GlossPairs *pairs);

/* "big_vision JSONL", for people. */
const char *gloss_layout_get_title (GlossLayout layout);

/* "jsonl", for programs. */
const char *gloss_layout_get_name (GlossLayout layout);

G_END_DECLS
