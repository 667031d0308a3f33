/* Stands in for open (): a disk that has no files without names, as many network disks have not. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

int
open (const char *path, int flags, ...)
{
  mode_t mode = 0;
  va_list arguments;

  if ((flags & O_TMPFILE) == O_TMPFILE)
    {
      errno = EOPNOTSUPP;
      return -1;
    }
  if (flags & O_CREAT)
    {
      va_start (arguments, flags);
      mode = (mode_t) va_arg (arguments, int);
      va_end (arguments);
    }
  return (int) syscall (SYS_openat, AT_FDCWD, path, flags, mode);
}
