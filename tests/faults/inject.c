// Loaded before the C library (LD_PRELOAD), this makes system calls on the files of one folder fail in one chosen way:
//   NZIP_FAULT       short, eintr, enospc, write, read, fsync, close, clock or thread
//   NZIP_FAULT_AT    how many calls (enospc: bytes) go well before
//   NZIP_FAULT_PATH  what the paths of these files begin with
//   NZIP_FAULT_LOG   a file that is made when the fault happens
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long left = -1;
static const char *kind, *path, *report;

__attribute__((constructor)) static void begin(void) {
  kind = getenv("NZIP_FAULT");
  path = getenv("NZIP_FAULT_PATH");
  report = getenv("NZIP_FAULT_LOG");
  const char* at = getenv("NZIP_FAULT_AT");
  left = at ? atol(at) : 0;
}

static int is(const char* wanted) { return kind && strcmp(kind, wanted) == 0; }

// Another file than those of the folder, the terminal or a library say, is left alone.
static int concerns(int fd) {
  char link[64], target[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, target, sizeof target - 1);
  if (size < 0 || !path) return 0;
  target[size] = 0;
  return strncmp(target, path, strlen(path)) == 0;
}

static void happens(void) {
  if (report) close(open(report, O_CREAT | O_WRONLY, 0666));
}

static int now(void) {
  if (atomic_fetch_sub(&left, 1) > 0) return 0;
  happens();
  return 1;
}

static int fails(const char* wanted, int fd, int error) {
  if (!is(wanted) || !concerns(fd) || !now()) return 0;
  errno = error;
  return 1;
}

// Every other call is interrupted.
static int interrupted(int fd) {
  static atomic_long calls;
  if (!is("eintr") || !concerns(fd) || atomic_fetch_add(&calls, 1) % 2) return 0;
  happens();
  errno = EINTR;
  return 1;
}

// How many of these bytes may be written: all, a part, or none (-1).
static ssize_t allowed(int fd, size_t size) {
  if (fails("write", fd, EIO) || interrupted(fd)) return -1;
  if (is("short") && size > 1 && concerns(fd)) {
    happens();
    return (ssize_t)(size - size / 2);
  }
  if (is("enospc") && size && concerns(fd)) {
    const long room = atomic_fetch_sub(&left, (long)size);
    if (room >= (long)size) return (ssize_t)size;
    happens();
    if (room > 0) return room;
    errno = ENOSPC;
    return -1;
  }
  return (ssize_t)size;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void* data, size_t size) {
  const ssize_t n = allowed(fd, size);
  return n < 0 ? -1 : REAL(write)(fd, data, (size_t)n);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  const ssize_t n = allowed(fd, size);
  return n < 0 ? -1 : REAL(pwrite)(fd, data, (size_t)n, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  const ssize_t n = allowed(fd, size);
  return n < 0 ? -1 : REAL(pwrite64)(fd, data, (size_t)n, at);
}
ssize_t read(int fd, void* data, size_t size) {
  if (fails("read", fd, EIO) || interrupted(fd)) return -1;
  return REAL(read)(fd, data, is("short") && size > 1 && concerns(fd) ? size - size / 2 : size);
}
int fsync(int fd) { return fails("fsync", fd, EIO) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails("fsync", fd, EIO) ? -1 : REAL(fdatasync)(fd); }
int close(int fd) {
  const int bad = is("close") && concerns(fd) && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY && now();
  const int result = REAL(close)(fd);
  if (!bad) return result;
  errno = EIO;
  return -1;
}

// The clock of the day goes back by a day; the one that measures time does not.
int clock_gettime(clockid_t clock, struct timespec* time) {
  const int result = REAL(clock_gettime)(clock, time);
  if (is("clock") && clock == CLOCK_REALTIME && now()) time->tv_sec -= 86400;
  return result;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  if (is("thread") && now()) return EAGAIN;
  return REAL(pthread_create)(thread, attributes, start, argument);
}
