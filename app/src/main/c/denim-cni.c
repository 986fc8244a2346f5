// The CNI plugin that container runtimes execute.
//
// A host has no JVM, and the start of one would cost more than the work. So this program carries a
// call to the agent's socket and prints the answer. It understands nothing of the configuration; it
// alone answers what needs no agent (VERSION, and being run by hand), says in CNI's words that the
// agent is down, and writes a DEL that cannot be delivered into a journal, which the agent works off.
// docs/cni.md has the frames and the journal; the rest is the CNI specification 1.1.0.
//
// It alone is on the node and may do everything there, while the agent may be in a container. So it
// opens for the agent what that could not: a netlink socket in the pod's namespace, and, for an agent
// in a container, two folders of the node, each of them mounted apart so that no way leads out of it.
//
// There is no stdio and no malloc in it: each is larger than the rest of the program together.
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>  // renameat only
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define VERSIONS(separator) \
  "0.1.0" separator "0.2.0" separator "0.3.0" separator "0.3.1" separator "0.4.0" separator \
  "1.0.0" separator "1.1.0"

enum {
  HEADER = 4,  // octets of a frame's length, most significant first
  MAX_STDIN = 1 << 20,
  MAX_VARIABLES = 1 << 16,
  MAX_LIST = 1 << 10,  // octets of the variable that names descriptors
  MAX_PAYLOAD = MAX_LIST + MAX_VARIABLES + MAX_STDIN,
  MAX_DESCRIPTORS = 5,
  MAX_CONTAINER_ID = 200,  // so that a journal entry's name stays below NAME_MAX
  MAX_IFNAME = 15,         // IFNAMSIZ less its NUL
  MAX_VERSION = 32,
  MAX_VALUE = 1000,  // octets of a foreign value in an error's text
  DEFAULT_WAIT = 60,
  RESTART = 10,  // seconds that an agent may be away
  MAX_WAIT = 3600,
};

// CNI's error codes.
enum { BAD_VARIABLES = 4, IO_FAILURE = 5, CANNOT_DECODE = 6, TRY_LATER = 11, NOT_AVAILABLE = 50 };

// Pages of these that are not written to take no memory. In front of the payload is room for what is
// sent before it.
static char request[HEADER + MAX_PAYLOAD + 1];
static char *const payload = request + HEADER + MAX_LIST;
static char answer[MAX_PAYLOAD];
static char text[1 << 14];

static size_t variables_length, stdin_length, answer_length, text_length;
static char cni_version[MAX_VERSION + 1] = "1.1.0";

static const char *variable(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value != NULL && *value != 0 ? value : otherwise;
}

static bool write_all(int fd, const char *from, size_t size) {
  while (size > 0) {
    ssize_t count = write(fd, from, size);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) {
      from += count;
      size -= (size_t)count;
    }
  }
  return true;
}

// ---- What is printed ----

static void put(const char *plain) {
  size_t size = strlen(plain);
  if (size > sizeof text - text_length) return;
  memcpy(text + text_length, plain, size);
  text_length += size;
}

// As the inside of a JSON string. Octets beyond ASCII need not be UTF-8, so they are told by number.
static void put_escaped(const char *value) {
  for (size_t i = 0; value[i] != 0 && i < MAX_VALUE; i++) {
    unsigned char c = (unsigned char)value[i];
    if (c == '"' || c == '\\') {
      put((char[]){'\\', (char)c, 0});
    } else if (c < 0x20 || c > 0x7e) {
      const char *hex = "0123456789abcdef";
      put((char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15], 0});
    } else {
      put((char[]){(char)c, 0});
    }
  }
}

static const char *decimal(unsigned value) {
  static char digits[12];
  char *at = digits + sizeof digits - 1;
  do {
    *--at = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  return at;
}

_Noreturn static void print_and_exit(int code) {
  _exit(write_all(STDOUT_FILENO, text, text_length) ? code : 1);
}

// Ends with an error in CNI's form; the details are the parts one after the other.
_Noreturn static void fail(unsigned code, const char *message, const char *const details[]) {
  text_length = 0;
  put("{\"cniVersion\":\"");
  put_escaped(cni_version);
  put("\",\"code\":");
  put(decimal(code));
  put(",\"msg\":\"");
  put_escaped(message);
  put("\",\"details\":\"");
  for (; *details != NULL; details++) put_escaped(*details);
  put("\"}\n");
  print_and_exit(1);
}

#define FAIL(code, message, ...) fail(code, message, (const char *const[]){__VA_ARGS__, NULL})

// ---- The request ----

static bool append(const char *string) {
  size_t size = strlen(string) + 1;
  if (size > MAX_VARIABLES - variables_length) return false;
  memcpy(payload + variables_length, string, size);
  variables_length += size;
  return true;
}

static bool append_pair(const char *key, const char *value) {
  if (!append(key)) return false;
  payload[variables_length - 1] = '=';
  return append(value);
}

// Writes CNI's variables into the request and opens the namespace, here and now: by the time that
// the agent looks, its path may be gone or mean another, and the agent may see other mounts. False
// when they are too long.
static bool take_variables(int *netns) {
  static const char *const KEYS[] = {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS",
                                     "CNI_IFNAME",  "CNI_ARGS",        "CNI_PATH",
                                     "CNI_NETNS_OVERRIDE"};
  for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
    const char *value = getenv(KEYS[i]);
    if (value != NULL && !append_pair(KEYS[i], value)) return false;
  }
  const char *path = getenv("CNI_NETNS");
  if (path != NULL) {
    *netns = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*netns < 0 && !append_pair("DENIM_NETNS_ERRNO", decimal((unsigned)errno))) return false;
  }
  return append("");
}

// Reads one octet more than is allowed, if there is one.
static bool take_stdin(void) {
  char *into = payload + variables_length;
  while (stdin_length <= MAX_STDIN) {
    ssize_t count = read(STDIN_FILENO, into + stdin_length, MAX_STDIN + 1 - stdin_length);
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) stdin_length += (size_t)count;
  }
  return true;
}

// A letter or digit of ASCII (musl's isalnum knows no other) or one of the marks.
static bool is_word(char c, const char *marks) {
  return isalnum((unsigned char)c) || (c != 0 && strchr(marks, c) != NULL);
}

// An answer has the version of the configuration. The first "cniVersion": "..." is taken for it: a
// previous result further in has the same, and a wrong guess changes nothing but this word.
static void find_version(void) {
  static const char KEY[] = "\"cniVersion\"";
  const char *from = payload + variables_length, *end = from + stdin_length;
  const char *at = memmem(from, stdin_length, KEY, sizeof KEY - 1);
  if (at == NULL) return;
  at += sizeof KEY - 1;
  while (at < end && (isspace((unsigned char)*at) || *at == ':')) at++;
  if (at == end || *at != '"') return;
  const char *value = ++at;
  while (at < end && at - value < MAX_VERSION && is_word(*at, ".+-")) at++;
  if (at == end || at == value || *at != '"') return;
  memcpy(cni_version, value, (size_t)(at - value));
  cni_version[at - value] = 0;
}

// ---- What is opened for the agent ----

static struct {
  int of[MAX_DESCRIPTORS];
  size_t count;
  char list[MAX_LIST];  // their names, as the request has them
} opened;

// Notes what was opened, or that it could not be and why.
static void note(const char *name, int fd) {
  int reason = errno;
  char *list = opened.list;
  if (*list != 0) strcat(list, ",");
  strcat(list, name);
  if (fd >= 0) {
    opened.of[opened.count++] = fd;
  } else {
    strcat(strcat(list, ":"), decimal((unsigned)reason));
  }
}

// The folder as a mount of its own that belongs to no tree of mounts: ".." leads nowhere from its
// top (linux/mount.h, since Linux 5.2; musl has no wrapper).
static int mount_apart(const char *path) {
  const unsigned open_tree_clone = 1, at_recursive = 0x8000;
  return (int)syscall(SYS_open_tree, AT_FDCWD, path, open_tree_clone | at_recursive | O_CLOEXEC);
}

static int open_folder(const char *path, bool apart) {
  return apart ? mount_apart(path) : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// A socket belongs to the namespace that it is opened in, and a folder of /proc/sys/net shows that.
static void open_inside(int netns, bool apart) {
  int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0 || setns(netns, CLONE_NEWNET) != 0) {
    note("route", -1);
  } else {
    note("route", socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
    note("ipv6", open_folder("/proc/sys/net/ipv6/conf", apart));
    // Who cannot go back must not go on, for what follows is the node's.
    if (setns(own, CLONE_NEWNET) != 0) {
      FAIL(IO_FAILURE, "cannot return to the node's network namespace", strerror(errno));
    }
  }
  if (own >= 0) close(own);
}

static void open_for(bool contained, int netns) {
  opened.count = 0;
  *opened.list = 0;
  if (netns >= 0) {
    note("netns", netns);
    open_inside(netns, contained);
  }
  if (contained) {
    mkdir("/var/lib/cni", 0755);  // where it fails, the opening tells
    note("cni", mount_apart("/var/lib/cni"));
    note("net", mount_apart("/proc/sys/net"));
  }
}

static void close_opened(int netns) {
  for (size_t i = 0; i < opened.count; i++) {
    if (opened.of[i] != netns) close(opened.of[i]);
  }
}

// ---- The agent ----

enum outcome { ANSWERED, NOT_THERE, CLOSED, GARBLED, SILENT };

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static unsigned seconds_to_wait(void) {
  unsigned value = 0;
  for (const char *at = variable("DENIM_CNI_WAIT", ""); *at != 0; at++) {
    if (*at < '0' || *at > '9' || value > MAX_WAIT) return DEFAULT_WAIT;
    value = value * 10 + (unsigned)(*at - '0');
  }
  return value >= 1 && value <= MAX_WAIT ? value : DEFAULT_WAIT;
}

// False when the time is up.
static bool await(int fd, short events, int64_t deadline) {
  struct pollfd waiting = {.fd = fd, .events = events};
  int64_t left = deadline - now();
  return left > 0 && (poll(&waiting, 1, (int)left) > 0 || now() < deadline);
}

// Writes before the payload which descriptors come, and before that the length.
static char *begin_frame(size_t *size) {
  static const char KEY[] = "DENIM_DESCRIPTORS=";
  size_t length = variables_length + stdin_length;
  char *at = payload;
  if (*opened.list != 0) {
    size_t list = strlen(opened.list) + 1;
    at -= list;
    memcpy(at, opened.list, list);
    at -= sizeof KEY - 1;
    memcpy(at, KEY, sizeof KEY - 1);
    length += list + sizeof KEY - 1;
  }
  at -= HEADER;
  for (int i = 0; i < HEADER; i++) at[i] = (char)(length >> (24 - 8 * i) & 0xff);
  *size = HEADER + length;
  return at;
}

static bool send_request(int fd, int64_t deadline) {
  size_t size, sent = 0;
  char *from = begin_frame(&size);
  while (sent < size) {
    struct iovec part = {from + sent, size - sent};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
      struct cmsghdr header;  // for its alignment
      char octets[CMSG_SPACE(sizeof opened.of)];
    } control = {.octets = {0}};
    if (sent == 0 && opened.count > 0) {
      size_t octets = opened.count * sizeof *opened.of;
      message.msg_control = control.octets;
      message.msg_controllen = (socklen_t)CMSG_SPACE(octets);
      struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = (socklen_t)CMSG_LEN(octets);
      memcpy(CMSG_DATA(rights), opened.of, octets);
    }
    ssize_t count = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (count > 0) {
      sent += (size_t)count;
    } else if (errno == EAGAIN) {
      if (!await(fd, POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      // It takes no more, but may have said why: the answer, or its absence, tells.
      return true;
    }
  }
  return true;
}

static enum outcome receive(int fd, char *into, size_t size, int64_t deadline) {
  while (size > 0) {
    ssize_t count = recv(fd, into, size, 0);
    if (count > 0) {
      into += count;
      size -= (size_t)count;
    } else if (count < 0 && errno == EAGAIN) {
      if (!await(fd, POLLIN, deadline)) return SILENT;
    } else if (count == 0 || errno != EINTR) {
      return CLOSED;
    }
  }
  return ANSWERED;
}

static enum outcome exchange(int fd) {
  int64_t deadline = now() + (int64_t)seconds_to_wait() * 1000;
  if (!send_request(fd, deadline)) return SILENT;
  unsigned char header[HEADER];
  enum outcome outcome = receive(fd, (char *)header, HEADER, deadline);
  if (outcome != ANSWERED) return outcome;
  answer_length = (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 |
                  (size_t)header[3];
  if (answer_length < 1 || answer_length > sizeof answer) return GARBLED;
  return receive(fd, answer, answer_length, deadline);
}

// Where an agent may be: on the node, or in a container that has /run/flannel of the node, as that
// of flannel's DaemonSet. Its journal must be where it can see it.
struct place {
  const char *socket, *folder, *journal;
  bool contained;
  int reason;  // why nobody is there
};

static struct place places[] = {
    {"/run/denim/cni.sock", "/run/denim", "/var/lib/denim/journal", false, 0},
    {"/run/flannel/denim/cni.sock", "/run/flannel/denim", "/run/flannel/denim/journal", true, 0},
};
static size_t place_count = sizeof places / sizeof *places;

// A connection to a Unix socket is made at once or, as the socket does not block, refused at once.
static enum outcome ask_at(struct place *place, int netns) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(place->socket) >= sizeof address.sun_path) {
    place->reason = ENAMETOOLONG;
    return NOT_THERE;
  }
  strcpy(address.sun_path, place->socket);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  enum outcome outcome = NOT_THERE;
  if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
    open_for(place->contained, netns);
    outcome = exchange(fd);
    close_opened(netns);
  } else {
    place->reason = errno;
  }
  if (fd >= 0) close(fd);
  return outcome;
}

// Asks at each place until somebody is there; says where.
static enum outcome ask(int netns, struct place **where) {
  enum outcome outcome = NOT_THERE;
  for (size_t i = 0; i < place_count && outcome == NOT_THERE; i++) {
    *where = &places[i];
    outcome = ask_at(*where, netns);
  }
  return outcome;
}

// An agent that is started anew is back within seconds: who asks meanwhile must not be refused, or
// kubelet calls the node not ready.
static enum outcome ask_patiently(int netns, struct place **where) {
  unsigned seconds = seconds_to_wait();
  int64_t deadline = now() + (int64_t)(seconds < RESTART ? seconds : RESTART) * 1000;
  enum outcome outcome;
  while ((outcome = ask(netns, where)) == NOT_THERE && now() < deadline) poll(NULL, 0, 50);
  return outcome;
}

_Noreturn static void pass_on_answer(void) {
  bool printed = write_all(STDOUT_FILENO, answer + 1, answer_length - 1);
  _exit(printed ? (unsigned char)answer[0] : 1);
}

_Noreturn static void fail_without_agent(const char *verb, enum outcome outcome,
                                         const struct place *where) {
  unsigned code = strcmp(verb, "STATUS") == 0 ? NOT_AVAILABLE : TRY_LATER;
  const char *advice =
      "; see that \"denim agent\" runs on this node and what it logs, then try again";
  if (outcome == NOT_THERE) {
    bool two = place_count > 1;
    FAIL(code, "Denim's agent is not there", "cannot connect to ", places[0].socket, ": ",
         strerror(places[0].reason), two ? ", nor to " : "", two ? places[1].socket : "",
         two ? ": " : "", two ? strerror(places[1].reason) : "", advice);
  }
  static const char *const WHAT[] = {
      [CLOSED] = "it closed the connection without an answer at ",
      [GARBLED] = "it is of another version: an answer of a length that is not allowed came from ",
      [SILENT] = "it did not answer in time at "};
  FAIL(code, "Denim's agent gave no answer", WHAT[outcome], where->socket, advice);
}

// ---- The journal ----

static bool is_container_id(const char *id) {
  size_t size = 0;
  while (is_word(id[size], size == 0 ? "" : "_.-")) size++;
  return id[size] == 0 && size >= 1 && size <= MAX_CONTAINER_ID;
}

static bool is_interface_name(const char *name) {
  size_t size = strlen(name);
  return size >= 1 && size <= MAX_IFNAME && strcspn(name, "/: \t\n\v\f\r") == size;
}

static int open_journal(const char *path) {
  char folder[PATH_MAX];
  if (strlen(path) >= sizeof folder) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(folder, path);
  for (char *at = folder + 1; *at != 0; at++) {
    if (*at == '/') {
      *at = 0;
      mkdir(folder, 0700);  // where it fails, the opening tells
      *at = '/';
    }
  }
  mkdir(folder, 0700);
  return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

// Writes the request's payload to <container>:<interface> in the journal's folder, so that it is
// there whole or not at all, also after a loss of power. False with the reason in errno.
static bool journal(const char *folder, const char *container, const char *interface) {
  char name[MAX_CONTAINER_ID + MAX_IFNAME + 2], fresh[sizeof name + 16];
  strcat(strcat(strcpy(name, container), ":"), interface);
  strcat(strcat(strcat(strcpy(fresh, "."), name), "."), decimal((unsigned)getpid()));
  int directory = open_journal(folder);
  if (directory < 0) return false;
  int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  int fd = openat(directory, fresh, flags, 0600);
  if (fd < 0) return false;
  bool written = write_all(fd, payload, variables_length + stdin_length) &&
                 fsync(fd) == 0 && renameat(directory, fresh, directory, name) == 0 &&
                 fsync(directory) == 0;
  int reason = errno;
  if (!written) unlinkat(directory, fresh, 0);
  errno = reason;
  return written;
}

// The place whose folder was changed last, which an agent does when it begins and when it ends.
static struct place *last_place(void) {
  struct place *last = &places[0];
  struct timespec newest = {0, -1};
  for (size_t i = 0; i < place_count; i++) {
    struct stat found;
    if (stat(places[i].folder, &found) != 0) continue;
    struct timespec time = found.st_mtim;
    if (time.tv_sec > newest.tv_sec ||
        (time.tv_sec == newest.tv_sec && time.tv_nsec > newest.tv_nsec)) {
      last = &places[i];
      newest = time;
    }
  }
  return last;
}

// A DEL succeeds without an agent, for the runtime cannot tell it later: the container is gone.
_Noreturn static void leave_for_later(enum outcome outcome, struct place *where, int netns) {
  const char *container = variable("CNI_CONTAINERID", ""), *interface = variable("CNI_IFNAME", "");
  if (!is_container_id(container)) {
    FAIL(BAD_VARIABLES, "invalid CNI_CONTAINERID",
         "a letter or digit, then letters, digits, \"_\", \".\", \"-\", at most 200 in all; got \"",
         container, "\"");
  }
  if (!is_interface_name(interface)) {
    FAIL(BAD_VARIABLES, "invalid CNI_IFNAME",
         "1 to 15 octets without \"/\", \":\" and white space; got \"", interface, "\"");
  }
  const struct place *of = outcome == NOT_THERE ? last_place() : where;
  const char *folder = variable("DENIM_CNI_JOURNAL", of->journal);
  if (!journal(folder, container, interface)) {
    FAIL(IO_FAILURE, "Denim's agent gave no answer, and the journal of DELs cannot be written",
         "cannot write to ", folder, ": ", strerror(errno));
  }
  // An agent that has come up meanwhile may have read the journal before the entry was there.
  if (outcome != SILENT && ask(netns, &where) == ANSWERED) pass_on_answer();
  _exit(0);
}

// ---- The call ----

// Where a runtime gave none of the three, the next file that is opened would take its place.
static void hold_standard_descriptors(void) {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

int main(void) {
  static const char ABOUT[] =
      "denim-cni " DENIM_VERSION ", the CNI plugin of Denim; container runtimes call it.\n"
      "CNI versions: " VERSIONS(", ") "\n";
  signal(SIGPIPE, SIG_IGN);
  hold_standard_descriptors();
  const char *verb = variable("CNI_COMMAND", NULL);
  if (verb == NULL) {
    _exit(write_all(STDERR_FILENO, ABOUT, sizeof ABOUT - 1) ? 0 : 1);
  }
  int netns = -1;
  bool fits = take_variables(&netns);
  if (!take_stdin()) {
    FAIL(IO_FAILURE, "cannot read the configuration from stdin", strerror(errno));
  }
  find_version();
  if (strcmp(verb, "VERSION") == 0) {
    put("{\"cniVersion\":\"");
    put_escaped(cni_version);
    put("\",\"supportedVersions\":[\"" VERSIONS("\",\"") "\"]}\n");
    print_and_exit(0);
  }
  if (!fits) {
    FAIL(BAD_VARIABLES, "the CNI_ variables are too long",
         "together they have at most 65536 octets; CNI_ARGS and CNI_PATH are the likely ones");
  }
  if (stdin_length > MAX_STDIN) {
    FAIL(CANNOT_DECODE, "the configuration on stdin is too long",
         "it has at most 1048576 octets (1 MiB)");
  }
  const char *only = variable("DENIM_CNI_SOCKET", NULL);
  if (only != NULL) {
    places[0].socket = only;
    place_count = 1;
  }
  struct place *where = &places[0];
  bool deletes = strcmp(verb, "DEL") == 0;
  enum outcome outcome = deletes ? ask(netns, &where) : ask_patiently(netns, &where);
  if (outcome == ANSWERED) pass_on_answer();
  if (deletes) leave_for_later(outcome, where, netns);
  fail_without_agent(verb, outcome, where);
}
