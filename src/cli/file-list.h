/* The pictures that a person means: files, folders, lists of names. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* More files than this are a mistake. */
#define GLOSS_FILE_LIST_MAX ((guint) 10000000)

typedef struct
{
  GPtrArray *files;   /* owned strings */
  gboolean recursive; /* folders of folders too */
  guint n_unusable;   /* folders and lists about which there was a complaint */
} GlossFileList;

void gloss_file_list_init (GlossFileList *list, gboolean recursive);
void gloss_file_list_clear (GlossFileList *list);

/*
 * Appends what @path names: itself, or when it is a folder its pictures, known by their suffixes,
 * in natural order. Hidden files and, below @path, links to folders are left out. A folder that
 * cannot be read or gives no pictures is complained about, and the rest goes on.
 */
void gloss_file_list_add (GlossFileList *list, const char *path);

/* Appends the names in the file @path, "-" for standard input: one a line, or separated by NUL
 * when there is one. Folders among them count as in gloss_file_list_add (). */
void gloss_file_list_add_from (GlossFileList *list, const char *path);

G_END_DECLS
