// Preloaded into a process, shifts its clock of the day (CLOCK_REALTIME) by the seconds in the file
// that STEPPED_CLOCK names, a 64-bit number in the machine's order. Clocks that only go forward,
// and so all waits of a JVM, are as they are, as in a process whose machine's clock is set.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*kernel)(clockid_t, struct timespec *);
static const volatile int64_t *ahead;

__attribute__((constructor)) static void begin(void) {
  kernel = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int fd = open(getenv("STEPPED_CLOCK"), O_RDONLY | O_CLOEXEC);
  void *map = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
  if (fd < 0 || map == MAP_FAILED) abort();
  ahead = map;
  close(fd);
}

int clock_gettime(clockid_t id, struct timespec *now) {
  if (kernel == NULL) begin();
  int result = kernel(id, now);
  if (result == 0 && id == CLOCK_REALTIME) now->tv_sec += *ahead;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  *now = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *also) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (also != NULL) *also = precise.tv_sec;
  return precise.tv_sec;
}
