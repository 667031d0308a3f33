/* The pictures that a person means: files, folders, lists of names. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* More files than this are a mistake. */
#define GLOSS_FILE_LIST_MAX ((guint) 10000000)

/*
 * Appends to @files (owned strings) what @path names: itself, or when it is a folder its pictures,
 * known by their suffixes, in natural order, with @recursive those of its folders too. Hidden files
 * and, below @path, links to folders are left out. Fails with G_IO_ERROR when a folder cannot be
 * read or has no pictures.
 */
gboolean gloss_file_list_add (GPtrArray *files, const char *path, gboolean recursive,
                              GError **error);

/* Appends the names in the file @path, "-" for standard input: one a line, or separated by NUL
 * when there is one. Folders among them count as in gloss_file_list_add (). */
gboolean gloss_file_list_add_from (GPtrArray *files, const char *path, gboolean recursive,
                                   GError **error);

G_END_DECLS
