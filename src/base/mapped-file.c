/*
 * A file mapped read-only, that survives being truncated by somebody else while it is in use.
 *
 * Reading a mapped page that the file no longer has raises SIGBUS in the reading thread. A handler,
 * installed once for the process, finds the mapping in a registry, puts zero pages where the lost
 * ones were, and marks the mapping; the reader goes on with zeros until its job asks
 * gloss_mapped_file_check ().
 *
 * The registry is a linked list of the mappings themselves. A handler may neither lock nor wait, so
 * it only counts itself as a reader and follows atomic pointers. Changing the list takes a lock,
 * and whoever has taken a mapping out waits for the readers to leave before freeing it: one that
 * comes later can no longer find it.
 */
#include "base/mapped-file.h"

#include "base/error.h"
#include "base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file of any size can be mapped whole. */
G_STATIC_ASSERT (sizeof (gsize) >= sizeof (off_t));

struct _GlossMappedFile
{
  gatomicrefcount ref_count;

  /* owned, constant */
  char *path;
  guint8 *data;
  gsize n_bytes;
  gsize n_mapped_bytes; /* whole pages */
  struct stat stat;

  /* atomic */
  int is_lost;
  GlossMappedFile *next;
};

/* For whoever changes the list. Not a GMutex: the thread sanitizer cannot see into that one. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static GlossMappedFile *registry;
static int n_registry_readers;
static gsize page_bytes;
static struct sigaction previous_action;

/* Runs inside the signal handler: only atomics and one system call. */
static gboolean
replace_lost_pages (guint8 *address)
{
  gboolean is_replaced = FALSE;
  GlossMappedFile *file;

  g_atomic_int_inc (&n_registry_readers);
  for (file = g_atomic_pointer_get (&registry); file; file = g_atomic_pointer_get (&file->next))
    {
      if (address >= file->data && address < file->data + file->n_mapped_bytes)
        {
          gsize offset = (gsize) (address - file->data) / page_bytes * page_bytes;

          /* The mark comes first, so that nobody reads a zero without it. What follows a lost page
           * is given up with it: the file was cut there, and one fault serves for gigabytes. */
          g_atomic_int_set (&file->is_lost, TRUE);
          is_replaced = mmap (file->data + offset, file->n_mapped_bytes - offset, PROT_READ,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
                        != MAP_FAILED;
          break;
        }
    }
  g_atomic_int_add (&n_registry_readers, -1);
  return is_replaced;
}

static void
handle_bus_error (int number, siginfo_t *info, void *context)
{
  int saved_errno = errno;

  /* Other codes, such as that of kill (), bring no address that new pages could mend. */
  if (info->si_code == BUS_ADRERR && replace_lost_pages (info->si_addr))
    {
      errno = saved_errno;
      return;
    }

  if (previous_action.sa_flags & SA_SIGINFO)
    previous_action.sa_sigaction (number, info, context);
  else if (previous_action.sa_handler == SIG_DFL
           || (previous_action.sa_handler == SIG_IGN && info->si_code > 0))
    {
      /* A fault cannot be ignored. The signal is blocked here and ends the process on return. */
      signal (number, SIG_DFL);
      raise (number);
    }
  else if (previous_action.sa_handler != SIG_IGN)
    previous_action.sa_handler (number);
  errno = saved_errno;
}

static void
install_handler (void)
{
  struct sigaction action = { .sa_sigaction = handle_bus_error,
                              .sa_flags = SA_SIGINFO | SA_ONSTACK };

  page_bytes = (gsize) sysconf (_SC_PAGESIZE);
  sigemptyset (&action.sa_mask);
  /* Asked for before, not while replacing it: a fault in another thread finds it complete. */
  sigaction (SIGBUS, NULL, &previous_action);
  sigaction (SIGBUS, &action, NULL);
}

static void
registry_add (GlossMappedFile *file)
{
  pthread_mutex_lock (&registry_lock);
  file->next = registry;
  g_atomic_pointer_set (&registry, file);
  pthread_mutex_unlock (&registry_lock);
}

static void
registry_remove (GlossMappedFile *file)
{
  GlossMappedFile **link = &registry;

  pthread_mutex_lock (&registry_lock);
  while (*link != file)
    link = &(*link)->next;
  g_atomic_pointer_set (link, file->next);
  pthread_mutex_unlock (&registry_lock);

  while (g_atomic_int_get (&n_registry_readers) > 0)
    g_thread_yield ();
}

/* @sentence is marked with N_ (), and takes the name of the file and the reason. */
static gboolean
set_system_error (GError **error, const char *path, const char *sentence, int number)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), _ (sentence), name,
               g_strerror (number));
  return FALSE;
}

static gboolean
map (GlossMappedFile *file, int descriptor, GError **error)
{
  g_autofree char *name = g_filename_display_name (file->path);
  void *data;

  if (fstat (descriptor, &file->stat) != 0)
    return set_system_error (error, file->path, N_ ("%s: cannot be examined: %s"), errno);
  if (!S_ISREG (file->stat.st_mode))
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_UNSUPPORTED, _ ("%s: is not a regular file"),
                   name);
      return FALSE;
    }
  if (file->stat.st_size == 0)
    {
      g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_FORMAT, _ ("%s: is empty"), name);
      return FALSE;
    }

  /* Nobody writes, so private and shared are the same pages; but file systems in user space, among
   * them the folders that a sandbox is shown, may refuse to map shared. */
  file->n_bytes = (gsize) file->stat.st_size;
  data = mmap (NULL, file->n_bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED)
    return set_system_error (error, file->path, N_ ("%s: cannot be mapped into memory: %s"), errno);
  file->data = data;
  file->n_mapped_bytes = (file->n_bytes + page_bytes - 1) / page_bytes * page_bytes;
  return TRUE;
}

GlossMappedFile *
gloss_mapped_file_open (const char *path, GError **error)
{
  static gsize is_handler_installed;
  GlossMappedFile *file;
  int descriptor;
  gboolean is_mapped;

  g_return_val_if_fail (path != NULL, NULL);

  if (g_once_init_enter (&is_handler_installed))
    {
      install_handler ();
      g_once_init_leave (&is_handler_installed, 1);
    }

  /* Without O_NONBLOCK a pipe would keep us waiting for its writer. */
  descriptor = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (descriptor < 0)
    {
      set_system_error (error, path, N_ ("%s: cannot be opened: %s"), errno);
      return NULL;
    }

  file = g_new0 (GlossMappedFile, 1);
  g_atomic_ref_count_init (&file->ref_count);
  file->path = g_strdup (path);
  is_mapped = map (file, descriptor, error);
  close (descriptor);
  if (!is_mapped)
    {
      g_free (file->path);
      g_free (file);
      return NULL;
    }
  registry_add (file);
  return file;
}

GlossMappedFile *
gloss_mapped_file_ref (GlossMappedFile *file)
{
  g_atomic_ref_count_inc (&file->ref_count);
  return file;
}

void
gloss_mapped_file_unref (GlossMappedFile *file)
{
  if (!g_atomic_ref_count_dec (&file->ref_count))
    return;
  registry_remove (file);
  munmap (file->data, file->n_mapped_bytes);
  g_free (file->path);
  g_free (file);
}

const guint8 *
gloss_mapped_file_get_data (GlossMappedFile *file)
{
  return file->data;
}

gsize
gloss_mapped_file_get_size_bytes (GlossMappedFile *file)
{
  return file->n_bytes;
}

const char *
gloss_mapped_file_get_path (GlossMappedFile *file)
{
  return file->path;
}

static gboolean
is_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size
         && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

gboolean
gloss_mapped_file_check (GlossMappedFile *file, GError **error)
{
  g_autofree char *name = NULL;
  struct stat now;

  if (stat (file->path, &now) == 0 && is_same_file (&now, &file->stat)
      && !g_atomic_int_get (&file->is_lost))
    return TRUE;

  name = g_filename_display_basename (file->path);
  g_set_error (error, GLOSS_ERROR, GLOSS_ERROR_CHANGED,
               _ ("\"%s\" changed while it was in use; start again"), name);
  return FALSE;
}

void
gloss_mapped_file_release_pages (const guint8 *data, gsize n_bytes)
{
  gsize begin = ((gsize) data + page_bytes - 1) / page_bytes * page_bytes;
  gsize end = ((gsize) data + n_bytes) / page_bytes * page_bytes;

  if (begin < end)
    madvise ((gpointer) begin, end - begin, MADV_DONTNEED);
}
