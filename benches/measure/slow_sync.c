/* A disk that takes a millisecond longer to sync: loaded before libc, whose calls it passes on.
 *
 * All ways by which this kind of program reaches the disk for good go through here; a file opened with O_SYNC or
 * O_DSYNC would not, so the measure also looks at whether the answers did get slower. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <time.h>

static void wait_longer(void)
{
	static __thread int is_exact;
	struct timespec left = { 0, 1000000 };

	/* Else the kernel adds up to 50 microseconds of its own. */
	if (!is_exact)
		is_exact = prctl(PR_SET_TIMERSLACK, 1UL) == 0;
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

int fsync(int fd)
{
	static int (*next)(int);

	if (!next)
		next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	wait_longer();
	return next(fd);
}

int fdatasync(int fd)
{
	static int (*next)(int);

	if (!next)
		next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	wait_longer();
	return next(fd);
}

int msync(void *start, size_t length, int flags)
{
	static int (*next)(void *, size_t, int);

	if (!next)
		next = (int (*)(void *, size_t, int))dlsym(RTLD_NEXT, "msync");
	wait_longer();
	return next(start, length, flags);
}
