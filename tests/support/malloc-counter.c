/* Stands in for glibc's allocator, counting before it passes on. */
#include "support/malloc-counter.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc (size_t n_bytes);
extern void *__libc_calloc (size_t n, size_t n_bytes);
extern void *__libc_realloc (void *block, size_t n_bytes);
extern void *__libc_memalign (size_t alignment, size_t n_bytes);

static gsize n_calls; /* atomic */

gsize
gloss_malloc_count (void)
{
  return __atomic_load_n (&n_calls, __ATOMIC_RELAXED);
}

/* OpenBLAS's kernels for small matrices allocate by themselves, which is not ours to change. */
static void
count (void *caller)
{
  Dl_info info;

  if (dladdr (caller, &info) && strstr (info.dli_fname, "openblas"))
    return;
  __atomic_fetch_add (&n_calls, 1, __ATOMIC_RELAXED);
}

void *
malloc (size_t n_bytes)
{
  count (__builtin_return_address (0));
  return __libc_malloc (n_bytes);
}

void *
calloc (size_t n, size_t n_bytes)
{
  count (__builtin_return_address (0));
  return __libc_calloc (n, n_bytes);
}

void *
realloc (void *block, size_t n_bytes)
{
  count (__builtin_return_address (0));
  return __libc_realloc (block, n_bytes);
}

void *
aligned_alloc (size_t alignment, size_t n_bytes)
{
  count (__builtin_return_address (0));
  return __libc_memalign (alignment, n_bytes);
}

void *
memalign (size_t alignment, size_t n_bytes)
{
  count (__builtin_return_address (0));
  return __libc_memalign (alignment, n_bytes);
}

int
posix_memalign (void **block, size_t alignment, size_t n_bytes)
{
  count (__builtin_return_address (0));
  *block = __libc_memalign (alignment, n_bytes);
  return *block ? 0 : ENOMEM;
}
