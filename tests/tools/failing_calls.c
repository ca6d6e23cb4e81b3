/* Preloaded before a program (LD_PRELOAD): one of its calls to the system fails, or all its syncs lie.
 *
 * FAULT_CALLS  which calls are counted: write, sync, truncate, rename, open or socket
 * FAULT_AT     the number of the call that fails, from 1; 0: none fails
 * FAULT_ERROR  the errno it fails with
 * FAULT_UNDER  only calls on files whose path starts so are counted; empty: all of them
 * FAULT_NOTE   a file that is told which call failed, on which path
 * FAULT_LIE    if set, a sync does nothing and says that all is well
 * FAULT_HANG   a path: while there is a file, syncs do not come to an end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *calls = "", *under = "", *note = NULL, *hang = NULL;
static long at = 0, seen = 0;
static int error = EIO, lie = 0;

__attribute__((constructor)) static void read_orders(void) {
    const char *value;
    if ((value = getenv("FAULT_CALLS"))) calls = value;
    if ((value = getenv("FAULT_UNDER"))) under = value;
    if ((value = getenv("FAULT_AT"))) at = atol(value);
    if ((value = getenv("FAULT_ERROR"))) error = atoi(value);
    note = getenv("FAULT_NOTE");
    hang = getenv("FAULT_HANG");
    lie = getenv("FAULT_LIE") != NULL;
}

/* Straight to the kernel, so that the note itself is not counted. */
static void tell(const char *name, const char *path) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s %s\n", name, path);
    long file;
    if (!note) return;
    file = syscall(SYS_openat, AT_FDCWD, note, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return;
    syscall(SYS_write, file, line, (size_t)length);
    syscall(SYS_close, file);
}

/* Whether this is the call that fails. */
static int strikes(const char *kind, const char *name, const char *path) {
    if (strcmp(kind, calls) != 0 || strncmp(path, under, strlen(under)) != 0) return 0;
    if (__atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST) != at) return 0;
    tell(name, path);
    errno = error;
    return 1;
}

static int strikes_file(const char *kind, const char *name, int file) {
    char link[64], path[PATH_MAX];
    long length;
    if (strcmp(kind, calls) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return strikes(kind, name, path);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define ON_FILE(kind, type, name, parameters, arguments, ...) \
    type name parameters { \
        REAL(type, name, __VA_ARGS__); \
        return strikes_file(kind, #name, file) ? -1 : real arguments; \
    }

ON_FILE("write", ssize_t, write, (int file, const void *bytes, size_t n), (file, bytes, n), int, const void *, size_t)
ON_FILE("write", ssize_t, writev, (int file, const struct iovec *v, int n), (file, v, n), int, const struct iovec *, int)
ON_FILE("write", ssize_t, pwrite, (int file, const void *bytes, size_t n, off_t place), (file, bytes, n, place), int,
        const void *, size_t, off_t)
ON_FILE("write", ssize_t, pwrite64, (int file, const void *bytes, size_t n, off64_t place), (file, bytes, n, place),
        int, const void *, size_t, off64_t)
ON_FILE("write", ssize_t, copy_file_range, (int from, off64_t *a, int file, off64_t *b, size_t n, unsigned flags),
        (from, a, file, b, n, flags), int, off64_t *, int, off64_t *, size_t, unsigned)
ON_FILE("truncate", int, ftruncate, (int file, off_t length), (file, length), int, off_t)
ON_FILE("truncate", int, ftruncate64, (int file, off64_t length), (file, length), int, off64_t)
ON_FILE("truncate", int, fallocate, (int file, int mode, off_t a, off_t b), (file, mode, a, b), int, int, off_t, off_t)
ON_FILE("truncate", int, fallocate64, (int file, int mode, off64_t a, off64_t b), (file, mode, a, b), int, int, off64_t,
        off64_t)

static void wait_out(void) {
    while (hang && syscall(SYS_faccessat, AT_FDCWD, hang, F_OK) == 0) usleep(10000);
}

#define SYNC(name, parameters, arguments, ...) \
    int name parameters { \
        REAL(int, name, __VA_ARGS__); \
        wait_out(); \
        if (lie) return 0; \
        return strikes_file("sync", #name, file) ? -1 : real arguments; \
    }

SYNC(fsync, (int file), (file), int)
SYNC(fdatasync, (int file), (file), int)
SYNC(syncfs, (int file), (file), int)
SYNC(sync_file_range, (int file, off64_t from, off64_t n, unsigned flags), (file, from, n, flags), int, off64_t, off64_t,
     unsigned)

#define ON_PATH(kind, name, path, parameters, arguments, ...) \
    int name parameters { \
        REAL(int, name, __VA_ARGS__); \
        return strikes(kind, #name, path) ? -1 : real arguments; \
    }

ON_PATH("rename", rename, to, (const char *from, const char *to), (from, to), const char *, const char *)
ON_PATH("rename", renameat, to, (int a, const char *from, int b, const char *to), (a, from, b, to), int, const char *,
        int, const char *)
ON_PATH("rename", linkat, to, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), int,
        const char *, int, const char *, int)
ON_PATH("rename", mkdir, path, (const char *path, mode_t mode), (path, mode), const char *, mode_t)

/* The mode is there only with some flags, but it does no harm to pass on what stands in its place. */
#define OPEN(name, parameters, arguments, ...) \
    int name parameters { \
        REAL(int, name, __VA_ARGS__, ...); \
        va_list list; \
        mode_t mode; \
        va_start(list, flags); \
        mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; \
        va_end(list); \
        return strikes("open", #name, path) ? -1 : real arguments; \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode), const char *, int)
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), const char *, int)
OPEN(openat, (int in, const char *path, int flags, ...), (in, path, flags, mode), int, const char *, int)
OPEN(openat64, (int in, const char *path, int flags, ...), (in, path, flags, mode), int, const char *, int)

int socket(int domain, int type, int protocol) {
    REAL(int, socket, int, int, int);
    return strikes("socket", "socket", "") ? -1 : real(domain, type, protocol);
}
