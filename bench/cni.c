// Calls a CNI plugin as a container runtime does, and takes the time from before each process is
// started until after it has ended. A start costs it as little as that of the runtimes (vfork).
//
//   cni each   VERB PLUGIN CONFIG PODS FIRST COUNT OUT   a line a call: its milliseconds
//   cni row    VERB PLUGIN CONFIG PODS FIRST COUNT OUT   one call after the other: milliseconds of all
//   cni atonce VERB PLUGIN CONFIG PODS FIRST COUNT OUT   all are started before any is waited for
//
// Call number i is of container PODS-i, whose network namespace is /run/netns/PODS-i, and its
// answer goes to the file OUT.i. `row` and `atonce` print a second number for DEL: milliseconds
// until the caller's network namespace has no veth either. Any call that fails is an error, and its
// answer goes to stderr.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <net/if.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GONE_SECONDS = 10 };

extern char **environ;

static const char *plugin, *config, *pods, *out;
static bool failed;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

// The time is taken after the environment has been made: that is the runtime's work.
static pid_t start(int number, double *begin) {
  char id[64], netns[128], answer[256];
  snprintf(id, sizeof id, "%s-%d", pods, number);
  snprintf(netns, sizeof netns, "/run/netns/%s", id);
  snprintf(answer, sizeof answer, "%s.%d", out, number);
  setenv("CNI_CONTAINERID", id, 1);
  setenv("CNI_NETNS", netns, 1);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, config, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, answer, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t pid;
  *begin = now();
  errno = posix_spawn(&pid, plugin, &files, NULL, (char *[]){(char *)plugin, NULL}, environ);
  if (errno != 0) err(1, "cannot start %s", plugin);
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

static void complain(int number) {
  char answer[256], text[4096];
  snprintf(answer, sizeof answer, "%s.%d", out, number);
  int fd = open(answer, O_RDONLY);
  ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text);
  warnx("call %d of %s failed: %.*s", number, plugin, size < 0 ? 0 : (int)size, text);
  failed = true;
}

static double finish(pid_t pid, int number) {
  int status;
  if (waitpid(pid, &status, 0) < 0) err(1, "cannot wait for %s", plugin);
  double end = now();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) complain(number);
  return end;
}

static bool has_veth(void) {
  struct if_nameindex *all = if_nameindex();
  if (all == NULL) err(1, "cannot list interfaces");
  bool found = false;
  for (struct if_nameindex *each = all; each->if_index != 0; each++) {
    found |= strncmp(each->if_name, "veth", 4) == 0;
  }
  if_freenameindex(all);
  return found;
}

static double until_gone(double begin) {
  while (has_veth()) {
    if (now() - begin > GONE_SECONDS * 1e3) errx(1, "there are still veths after %d s", GONE_SECONDS);
    usleep(500);
  }
  return now() - begin;
}

int main(int count_of_words, char **words) {
  if (count_of_words != 9) errx(2, "usage: see the head of cni.c");
  const char *mode = words[1], *verb = words[2];
  plugin = words[3], config = words[4], pods = words[5], out = words[8];
  int first = atoi(words[6]), count = atoi(words[7]);
  bool each = strcmp(mode, "each") == 0, at_once = strcmp(mode, "atonce") == 0;
  char path[4096];
  snprintf(path, sizeof path, "%s", plugin);
  setenv("CNI_COMMAND", verb, 1);
  setenv("CNI_IFNAME", "eth0", 1);
  setenv("CNI_PATH", dirname(path), 1);
  pid_t *pids = calloc((size_t)count, sizeof *pids);
  double begin = 0, whole = 0, end = 0;
  for (int i = 0; i < count; i++) {
    pids[i] = start(first + i, &begin);
    if (i == 0) whole = begin;
    if (!at_once) end = finish(pids[i], first + i);
    if (each) printf("%.3f\n", end - begin);
  }
  for (int i = 0; at_once && i < count; i++) end = finish(pids[i], first + i);
  if (!each && strcmp(verb, "DEL") == 0) {
    printf("%.3f %.3f\n", end - whole, until_gone(whole));
  } else if (!each) {
    printf("%.3f\n", end - whole);
  }
  return failed ? 1 : 0;
}
