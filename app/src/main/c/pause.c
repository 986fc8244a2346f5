// The first process of a pod: it holds the pod's namespaces until it is told to end.
//
// As process 1 it gets no signal that it does not take, and it is handed the orphans of a pod whose
// containers share their processes; it waits for them, so that none stays a zombie.
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGCHLD) {
      return 0;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
  }
}
