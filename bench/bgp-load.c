// Loads a BGP route reflector and tells how long its clients wait for their routes.
//
//   cc -std=c17 -O2 -Wall -Wextra -o bgp-load bench/bgp-load.c
//   bgp-load --host 127.0.0.1 --port 179 --clients 50 --prefixes 100000 --pid PID
//
// Everybody is in one AS (64512, 4 octets), speaks IPv4 unicast, and dials from an address of its own in
// 127.64.0.0/10. A feeder announces /24s from 32.0.0.0 on in so many sets of attributes; set number
// n has MULTI_EXIT_DISC n and an equal, unbroken part of the prefixes. Each receiver has a bit a
// prefix, and each announcement has to be of the set that its prefix belongs to, with the next hop
// that it was sent with: a phase is over when every receiver's bits are exactly those wanted.
//
//   (neither)     a round: the feeder announces all, then withdraws all
//   --late        one receiver has the full table; then CLIENTS more dial at once
//   --nodes       no feeder: CLIENTS dial at once, and each announces its share as soon as it is up
//   --slow        one receiver reads nothing through all rounds; then it reads, and has to have all
//   --latency K   with the full table held, K changes of one prefix, 10 ms apart
//   --relay       measures a program that forwards the bytes and knows nothing of BGP: the floor
//
//   --attrs A     attribute sets (100)         --rounds R   (1)       --hold S     hold time (0: none)
//   --settle S    quiet between phases (0.5; four times that once sessions are up, for servers that
//                 hold back a new session's first routes)
//   --timeout S   of a phase (300)             --next-hop A (10.255.255.1)         --as N
//   --pid PID     the server's process, for its CPU and memory
//
// Prints a JSON object a round. Times run from before the first byte is sent, or the first client
// dials, until the last receiver is right. own_cpu_s is this program's own: near the time itself, it
// was this program that was measured. others_cpu_s is what all else on the machine used meanwhile.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OPEN = 1, UPDATE, NOTIFICATION, KEEPALIVE };
enum { HEAD = 19, LONGEST = 4096, INBOX = 256 << 10, EVENTS = 512 };
enum { FIRST_PREFIX = 0x200000, MOST_PREFIXES = 2000000, FIRST_ADDRESS = 0x7f400000 };

// ---- Options

static struct {
  const char *host;
  int port, clients, prefixes, attrs, rounds, hold, latency;
  uint32_t as, next_hop;
  bool late, nodes, slow, relay;
  double settle, timeout;
  pid_t pid;
} want = {.host = "127.0.0.1", .port = 179, .clients = 10, .prefixes = 100000, .attrs = 100,
          .rounds = 1, .as = 64512, .next_hop = 0x0affff01, .settle = 0.5, .timeout = 300};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// ---- The server's process and our own

// What was used and received so far; of the machine's processors, in all.
struct usage {
  double server, own, machine;
  uint64_t updates, octets;
};

static struct usage received;

static double machine(void) {
  unsigned long long user, niced, system, idling, waiting, irq, softirq, stolen;
  FILE *stat = fopen("/proc/stat", "r");
  if (stat == NULL || fscanf(stat, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &niced, &system, &idling,
                             &waiting, &irq, &softirq, &stolen) != 8)
    errx(1, "cannot read /proc/stat");
  fclose(stat);
  // Interrupts are left out: most are those of the traffic itself.
  return (double)(user + niced + system + stolen) / (double)sysconf(_SC_CLK_TCK);
}

static struct usage usage(void) {
  struct usage used = received;
  struct timespec time;
  clockid_t clock;
  if (want.pid != 0) {
    if (clock_getcpuclockid(want.pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
      errx(1, "the server, process %d, is gone", (int)want.pid);
    used.server = (double)time.tv_sec + (double)time.tv_nsec / 1e9;
  }
  used.machine = machine();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  used.own = (double)time.tv_sec + (double)time.tv_nsec / 1e9;
  return used;
}

static long most_anonymous;

// Notes the server's memory, and gives the most that was ever resident, in KiB.
static long resident(void) {
  char path[64], line[256];
  long most = 0, anonymous = 0;
  if (want.pid == 0) return 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)want.pid);
  FILE *status = fopen(path, "r");
  if (status == NULL) err(1, "%s", path);
  while (fgets(line, sizeof line, status) != NULL) {
    sscanf(line, "VmHWM: %ld", &most);
    sscanf(line, "RssAnon: %ld", &anonymous);
  }
  fclose(status);
  if (anonymous > most_anonymous) most_anonymous = anonymous;
  return most;
}

// ---- Messages

struct text {
  uint8_t *data;
  size_t size, room;
};

// Room for so many more bytes at the end of a text.
static uint8_t *more(struct text *text, size_t count) {
  if (text->size + count > text->room) {
    text->room = 2 * (text->size + count);
    text->data = realloc(text->data, text->room);
    if (text->data == NULL) err(1, "no memory");
  }
  text->size += count;
  return text->data + text->size - count;
}

static uint32_t get16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

static uint32_t get32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return be32toh(value);
}

static void set16(uint8_t *at, size_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static void set32(uint8_t *at, uint32_t value) {
  value = htobe32(value);
  memcpy(at, &value, 4);
}

static void set_head(uint8_t *at, size_t length, uint8_t type) {
  memset(at, 0xff, 16);
  set16(at + 16, length);
  at[18] = type;
}

static uint8_t keepalive[HEAD];

static size_t write_open(uint8_t *at, uint32_t id) {
  const uint8_t capabilities[] = {1, 4, 0, 1, 0, 1, 2, 0, 65, 4};  // IPv4 unicast, refresh, AS of 4 octets
  const size_t size = sizeof capabilities + 4;
  uint8_t *p = at + HEAD;
  *p = 4;
  set16(p + 1, want.as > 0xffff ? 23456 : want.as);
  set16(p + 3, (size_t)want.hold);
  set32(p + 5, id);
  p[9] = (uint8_t)(size + 2);
  p[10] = 2;
  p[11] = (uint8_t)size;
  memcpy(p + 12, capabilities, sizeof capabilities);
  set32(p + 12 + sizeof capabilities, want.as);
  set_head(at, HEAD + 12 + size, OPEN);
  return HEAD + 12 + size;
}

// The parts that the prefixes are cut into: a set of attributes each, or a node each.
static int parts(void) { return want.nodes ? want.clients : want.attrs; }
static uint32_t part_start(int part) { return (uint32_t)((int64_t)want.prefixes * part / parts()); }

static void announce(struct text *text, int part, uint32_t from, uint32_t to) {
  // ORIGIN, empty AS_PATH, NEXT_HOP, MULTI_EXIT_DISC, LOCAL_PREF 100
  uint8_t attributes[] = {0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 4, 0, 0, 0, 0,
                          0x80, 4, 4, 0, 0, 0, 0, 0x40, 5, 4, 0, 0, 0, 100};
  const uint32_t fit = (LONGEST - HEAD - 4 - sizeof attributes) / 4;
  set32(attributes + 10, want.next_hop);
  set32(attributes + 17, (uint32_t)part);
  while (from < to) {
    uint32_t count = to - from < fit ? to - from : fit;
    size_t length = HEAD + 4 + sizeof attributes + 4 * (size_t)count;
    uint8_t *p = more(text, length);
    set_head(p, length, UPDATE);
    set16(p + HEAD, 0);
    set16(p + HEAD + 2, sizeof attributes);
    memcpy(p + HEAD + 4, attributes, sizeof attributes);
    p += HEAD + 4 + sizeof attributes;
    for (; count > 0; count--, from++, p += 4) set32(p, 24u << 24 | (FIRST_PREFIX + from));
  }
}

static void withdraw(struct text *text, uint32_t from, uint32_t to) {
  const uint32_t fit = (LONGEST - HEAD - 4) / 4;
  while (from < to) {
    uint32_t count = to - from < fit ? to - from : fit;
    size_t length = HEAD + 4 + 4 * (size_t)count;
    uint8_t *p = more(text, length);
    set_head(p, length, UPDATE);
    set16(p + HEAD, 4 * (size_t)count);
    p += HEAD + 2;
    for (; count > 0; count--, from++, p += 4) set32(p, 24u << 24 | (FIRST_PREFIX + from));
    set16(p, 0);
  }
}

// ---- Sessions

enum stage { IDLE, DIALED, OPENED, UP };

struct slice {
  const uint8_t *at;
  size_t left;
};

struct peer {
  int number, fd, fault;
  enum stage stage;
  uint32_t address;
  bool blocked, deaf, unread, waited_for, right, notified;
  double again;     // when to dial again
  double read_at;   // when its last bytes came
  double right_at;  // when it got what is wanted
  const struct text *first_words;
  struct slice queue[8];
  size_t queued;
  uint8_t hello[96], tail[LONGEST];
  size_t tail_size;
  uint32_t own_from, own_count;  // its own prefixes, which it does not count
  uint64_t *held;
  uint32_t count, goal;
};

static struct peer *peers;
static int peer_count;
static uint8_t *wire;  // all prefixes in their order, as messages have them
static int poller, idle, up, wrong, redials;
static double keepalive_at;
static char refusal[96];  // of the last session that did not come up

static void __attribute__((format(printf, 2, 3), noreturn)) broken(const struct peer *peer, const char *format, ...) {
  char why[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(why, sizeof why, format, arguments);
  va_end(arguments);
  errx(1, "client %d: %s", peer->number, why);
}

static void judge(struct peer *peer) {
  bool right = !peer->waited_for || peer->count == peer->goal;
  if (right == peer->right) return;
  peer->right = right;
  peer->right_at = peer->read_at;
  wrong += right ? -1 : 1;
}

// What is waited for: that these peers, numbers FROM to TO, hold so many.
static void aim(int from, int to, uint32_t goal) {
  for (int i = from; i < to; i++) {
    peers[i].waited_for = !peers[i].deaf;
    peers[i].goal = goal - (goal == 0 ? 0 : peers[i].own_count);
    judge(&peers[i]);
  }
}

static void flush(struct peer *peer) {
  while (peer->queued > 0 && !peer->blocked) {
    struct slice *slice = &peer->queue[0];
    ssize_t sent = send(peer->fd, slice->at, slice->left, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) peer->fault = errno;  // reading gives the same end, without its reason
      peer->blocked = true;
      return;
    }
    slice->at += sent;
    slice->left -= (size_t)sent;
    if (slice->left == 0) memmove(slice, slice + 1, --peer->queued * sizeof *slice);
  }
}

static void say(struct peer *peer, const uint8_t *data, size_t size) {
  if (size == 0) return;
  if (peer->queued == sizeof peer->queue / sizeof *peer->queue) broken(peer, "the server does not read");
  peer->queue[peer->queued++] = (struct slice){data, size};
  flush(peer);
}

static void dial(struct peer *peer) {
  const int yes = 1, narrow = 16 << 10, wide = 1 << 20;
  bool narrowed = want.slow && peer->number == 1;
  struct sockaddr_in near = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(peer->address)};
  struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons((uint16_t)want.port)};
  if (inet_pton(AF_INET, want.host, &far.sin_addr) != 1) errx(2, "no IPv4 address: %s", want.host);
  peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (peer->fd < 0) err(1, "socket");
  setsockopt(peer->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, narrowed ? &narrow : &wide, sizeof wide);
  if (bind(peer->fd, (struct sockaddr *)&near, sizeof near) != 0) err(1, "bind of client %d", peer->number);
  if (connect(peer->fd, (struct sockaddr *)&far, sizeof far) != 0 && errno != EINPROGRESS)
    err(1, "connect of client %d", peer->number);
  peer->stage = DIALED;
  peer->blocked = true;  // until it is connected
  peer->notified = false;
  peer->fault = 0;
  struct epoll_event events = {EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = peer}};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, peer->fd, &events) != 0) err(1, "epoll_ctl");
  peer->queued = peer->tail_size = 0;
  say(peer, peer->hello, write_open(peer->hello, 0x0ac80001 + (uint32_t)peer->number));
}

// Before a session is up the server may refuse it, as those do that still clear away an older one.
static void lost(struct peer *peer, const char *why) {
  if (peer->stage == UP) broken(peer, "%s", why);
  if (!peer->notified) snprintf(refusal, sizeof refusal, "%s", why);
  close(peer->fd);
  peer->stage = IDLE;
  peer->again = now() + 1;
  idle++;
  redials++;
}

static uint32_t least(uint32_t one, uint32_t other) { return one < other ? one : other; }

static void prefixes(struct peer *peer, const uint8_t *at, size_t size, bool there, uint32_t from, uint32_t to) {
  if (size % 4 != 0) broken(peer, "a prefix that is no /24");
  if (size == 0) return;
  // What follows each other in a message is mostly what was sent so: as much of it as one word has bits is
  // compared at once, and counted at once.
  uint32_t count = peer->count, own_from = peer->own_from, own_count = peer->own_count;
  const uint8_t *end = at + size;
  for (uint32_t run; at < end; at += 4 * (size_t)run) {
    uint32_t index = get32(at) - (24u << 24 | FIRST_PREFIX);
    if (index - from >= to - from)
      broken(peer, "%u.%u.%u.0/%u, which nobody %s so", at[1], at[2], at[3], at[0], there ? "announced" : "withdrew");
    run = 1;
    if (index - own_from < own_count) continue;
    uint32_t most = least(least(64 - index % 64, to - index), (uint32_t)((end - at) / 4));
    if (index < own_from) most = least(most, own_from - index);
    if (memcmp(at, wire + 4 * (size_t)index, 4 * (size_t)most) == 0) run = most;
    uint64_t mask = ~0ull >> (64 - run) << index % 64, *word = &peer->held[index / 64];
    uint64_t changed = (there ? ~*word : *word) & mask;
    *word ^= changed;
    uint32_t changes = (uint32_t)__builtin_popcountll(changed);
    count += there ? changes : -changes;
  }
  peer->count = count;
}

static void update(struct peer *peer, const uint8_t *at, size_t size) {
  const uint8_t *end = at + size;
  received.updates++;
  received.octets += HEAD + size;
  size_t gone = size < 4 ? size : get16(at);
  if (gone + 4 > size) broken(peer, "an UPDATE whose lengths do not fit");
  prefixes(peer, at + 2, gone, false, 0, (uint32_t)want.prefixes);
  at += 2 + gone;
  const uint8_t *reachable = at + 2 + get16(at);
  if (reachable > end) broken(peer, "an UPDATE whose lengths do not fit");
  uint32_t set = UINT32_MAX, next_hop = 0;
  const uint8_t *other = NULL;
  size_t other_size = 0;
  for (at += 2; at < reachable;) {
    size_t head = (at[0] & 0x10) != 0 ? 4 : 3;
    size_t length = head == 4 ? get16(at + 2) : at[2];
    uint8_t type = at[1];
    at += head;
    if (length > (size_t)(reachable - at)) broken(peer, "an attribute longer than all of them");
    if (type == 3 && length == 4) next_hop = get32(at);
    if (type == 4 && length == 4) set = get32(at);
    bool ipv4 = length >= 3 && at[0] == 0 && at[1] == 1 && at[2] == 1;
    if (type == 15 && ipv4) prefixes(peer, at + 3, length - 3, false, 0, (uint32_t)want.prefixes);
    if (type == 14 && ipv4 && length >= 9 && at[3] == 4) {
      next_hop = get32(at + 4);
      other = at + 9;
      other_size = length - 9;
    }
    at += length;
  }
  if (reachable == end && other_size == 0) return;
  if (set >= (uint32_t)parts()) broken(peer, "a set of attributes that nobody announced");
  if (next_hop != want.next_hop) broken(peer, "a next hop that nobody announced");
  uint32_t from = part_start((int)set), to = part_start((int)set + 1);
  prefixes(peer, reachable, (size_t)(end - reachable), true, from, to);
  if (other_size != 0) prefixes(peer, other, other_size, true, from, to);
}

static void message(struct peer *peer, const uint8_t *at, size_t length) {
  switch (at[18]) {
    case OPEN:
      if (peer->stage != DIALED) broken(peer, "an OPEN out of turn");
      peer->stage = OPENED;
      say(peer, keepalive, HEAD);
      break;
    case KEEPALIVE:
      if (peer->stage != OPENED) break;
      peer->stage = UP;
      up++;
      if (peer->first_words != NULL) say(peer, peer->first_words->data, peer->first_words->size);
      break;
    case UPDATE:
      update(peer, at + HEAD, length - HEAD);
      break;
    case NOTIFICATION:
      if (peer->stage == UP) broken(peer, "NOTIFICATION %u/%u", at[19], at[20]);
      snprintf(refusal, sizeof refusal, "NOTIFICATION %u/%u", at[19], at[20]);
      peer->notified = true;
      break;  // the end of the connection follows
    default:
      broken(peer, "a message of type %u", at[18]);
  }
}

// The bytes of all come through one buffer; what is left of a message waits in its peer.
static void hear(struct peer *peer) {
  static uint8_t inbox[LONGEST + INBOX];
  if (peer->deaf) {
    peer->unread = true;
    return;
  }
  for (ssize_t got = INBOX; got == INBOX;) {
    memcpy(inbox, peer->tail, peer->tail_size);
    got = recv(peer->fd, inbox + peer->tail_size, INBOX, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      int fault = got < 0 ? errno : peer->fault;
      lost(peer, fault == 0 ? "the server closed the connection" : strerror(fault));
      return;
    }
    peer->read_at = now();
    const uint8_t *at = inbox, *end = inbox + peer->tail_size + got;
    while (end - at >= HEAD) {
      size_t length = get16(at + 16);
      if (length < HEAD || length > LONGEST) broken(peer, "a message of %zu bytes", length);
      if (length > (size_t)(end - at)) break;
      message(peer, at, length);
      at += length;
    }
    peer->tail_size = (size_t)(end - at);
    memcpy(peer->tail, at, peer->tail_size);
    judge(peer);
  }
}

static void poll_once(int milliseconds) {
  static struct epoll_event events[EVENTS];
  int count = epoll_wait(poller, events, EVENTS, milliseconds);
  if (count < 0 && errno != EINTR) err(1, "epoll_wait");
  for (int i = 0; i < count; i++) {
    struct peer *peer = events[i].data.ptr;
    if ((events[i].events & EPOLLOUT) != 0) {
      peer->blocked = false;
      flush(peer);
    }
    if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0) hear(peer);
  }
}

// What happens by the clock.
static void poll_and_tend(int milliseconds) {
  poll_once(milliseconds);
  if (idle == 0 && want.hold == 0) return;
  double time = now();
  for (int i = 0; idle > 0 && i < peer_count; i++) {
    if (peers[i].stage != IDLE || peers[i].again == 0 || peers[i].again > time) continue;
    peers[i].again = 0;
    idle--;
    dial(&peers[i]);
  }
  if (want.hold == 0 || time < keepalive_at) return;
  keepalive_at = time + want.hold / 3.0;
  for (int i = 0; i < peer_count; i++)
    if (peers[i].stage == UP && peers[i].queued == 0) say(&peers[i], keepalive, HEAD);
}

static void expect(bool met, double start, const char *what) {
  if (met || now() - start < want.timeout) return;
  uint32_t least = UINT32_MAX, most = 0;
  for (int i = 0; i < peer_count; i++) {
    if (!peers[i].waited_for) continue;
    if (peers[i].count < least) least = peers[i].count;
    if (peers[i].count > most) most = peers[i].count;
  }
  if (*refusal != '\0') warnx("the last session that was refused: %s", refusal);
  if (most > 0 || wrong > 0) warnx("%d receivers are not right; they hold %u to %u prefixes", wrong, least, most);
  errx(1, "%s: not after %.0f s, with %d sessions up", what, want.timeout, up);
}

static void until_up(int count) {
  for (double start = now(); up < count; expect(up >= count, start, "sessions")) poll_and_tend(20);
}

// Until everybody who is waited for is right; gives the seconds since START.
static double until_right(double start, const char *what) {
  for (double begin = now(); wrong > 0; expect(wrong == 0, begin, what)) poll_and_tend(20);
  return now() - start;
}

static void rest(double seconds) {
  for (double end = now() + seconds; now() < end;) poll_and_tend(10);
}

static void make_peers(int count) {
  peer_count = count;
  peers = calloc((size_t)count, sizeof *peers);
  wire = malloc(4 * (size_t)want.prefixes);
  if (peers == NULL || wire == NULL) err(1, "no memory");
  for (uint32_t i = 0; i < (uint32_t)want.prefixes; i++) set32(wire + 4 * (size_t)i, 24u << 24 | (FIRST_PREFIX + i));
  for (int i = 0; i < count; i++) {
    peers[i].number = i;
    peers[i].address = FIRST_ADDRESS + ((uint32_t)i / 250 << 8) + (uint32_t)i % 250 + 1;
    peers[i].right = true;
    peers[i].held = calloc((size_t)want.prefixes / 64 + 1, sizeof(uint64_t));
    if (peers[i].held == NULL) err(1, "no memory");
  }
}

// All of them at once; what they get meanwhile is read.
static void dial_all(int from, int to) {
  for (int i = from; i < to; i++) {
    dial(&peers[i]);
    if (i % 16 == 15) poll_once(0);
  }
}

// ---- The cases

static struct text all_in, all_out;

static void compose(void) {
  for (int part = 0; part < parts(); part++) announce(&all_in, part, part_start(part), part_start(part + 1));
  withdraw(&all_out, 0, (uint32_t)want.prefixes);
}

static void feed(const struct text *text) { say(&peers[0], text->data, text->size); }

static void print_head(const char *name, int round) {
  printf("{\"case\": \"%s\", \"clients\": %d, \"prefixes\": %d, \"attrs\": %d, \"round\": %d", name, want.clients,
         want.prefixes, parts(), round + 1);
}

// UPDATEs and their octets are a client's, in the mean.
static void print_end(struct usage before, struct usage after) {
  uint64_t clients = (uint64_t)want.clients;
  printf(", \"updates\": %lu, \"octets\": %lu, \"redials\": %d, \"own_cpu_s\": %.3f",
         (unsigned long)((after.updates - before.updates) / clients),
         (unsigned long)((after.octets - before.octets) / clients), redials, after.own - before.own);
  if (want.pid != 0) {
    long most = resident();
    printf(", \"server_cpu_s\": %.3f, \"server_peak_mib\": %.1f, \"server_anonymous_mib\": %.1f",
           after.server - before.server, (double)most / 1024, (double)most_anonymous / 1024);
    double others = after.machine - before.machine - (after.server - before.server) - (after.own - before.own);
    printf(", \"others_cpu_s\": %.2f", others > 0 ? others : 0);
  }
  puts("}");
  fflush(stdout);
}

static void converge(void) {
  make_peers(want.clients + 1);
  compose();
  double start = now();
  dial_all(0, peer_count);
  until_up(peer_count);
  double sessions = now() - start;
  rest(3 * want.settle);
  for (int round = 0; round < want.rounds; round++) {
    rest(want.settle);
    struct usage before = usage();
    aim(1, peer_count, (uint32_t)want.prefixes);
    start = now();
    feed(&all_in);
    double in = until_right(start, "announced");
    struct usage after = usage();
    resident();
    rest(want.settle);
    aim(1, peer_count, 0);
    start = now();
    feed(&all_out);
    double out = until_right(start, "withdrawn");
    print_head("converge", round);
    printf(", \"up_s\": %.4f, \"converge_s\": %.4f, \"withdraw_s\": %.4f", sessions, in, out);
    print_end(before, after);
  }
}

static void slow(void) {
  make_peers(want.clients + 1);
  compose();
  dial_all(0, peer_count);
  until_up(peer_count);
  rest(4 * want.settle);
  peers[1].deaf = true;
  double in = 0, start;
  struct usage before = usage();
  for (int round = 0; round < want.rounds; round++) {
    aim(1, peer_count, (uint32_t)want.prefixes);
    start = now();
    feed(&all_in);
    double seconds = until_right(start, "announced");
    if (round == 0 || seconds < in) in = seconds;
    resident();
    rest(want.settle);
    if (round == want.rounds - 1) break;
    aim(1, peer_count, 0);
    feed(&all_out);
    until_right(now(), "withdrawn");
    rest(want.settle);
  }
  struct usage after = usage();
  peers[1].deaf = false;
  aim(1, peer_count, (uint32_t)want.prefixes);
  start = now();
  if (peers[1].unread) hear(&peers[1]);
  double caught_up = until_right(start, "the slow one");
  aim(1, peer_count, 0);
  feed(&all_out);
  until_right(now(), "withdrawn");
  print_head("slow", want.rounds - 1);
  printf(", \"converge_s\": %.4f, \"caught_up_s\": %.4f", in, caught_up);
  print_end(before, after);
}

// Joiners of each round have addresses of their own: some servers refuse one that comes back at once.
static void late(void) {
  make_peers(2 + want.clients * want.rounds);
  compose();
  dial_all(0, 2);
  until_up(2);
  rest(4 * want.settle);
  aim(1, 2, (uint32_t)want.prefixes);
  feed(&all_in);
  until_right(now(), "the full table");
  for (int round = 0; round < want.rounds; round++) {
    int from = 2 + round * want.clients, to = from + want.clients;
    rest(want.settle);
    struct usage before = usage();
    aim(from, to, (uint32_t)want.prefixes);
    double start = now();
    dial_all(from, to);
    double in = until_right(start, "joined");
    struct usage after = usage();
    print_head("late", round);
    printf(", \"late_s\": %.4f", in);
    print_end(before, after);
    for (int i = from; i < to; i++) {
      close(peers[i].fd);
      peers[i].stage = IDLE;
      up--;
    }
  }
}

static void nodes(void) {
  make_peers(want.clients);
  struct text *words = calloc((size_t)want.clients, sizeof *words), *last = calloc((size_t)want.clients, sizeof *last);
  for (int i = 0; i < want.clients; i++) {
    peers[i].own_from = part_start(i);
    peers[i].own_count = part_start(i + 1) - part_start(i);
    announce(&words[i], i, part_start(i), part_start(i + 1));
    withdraw(&last[i], part_start(i), part_start(i + 1));
    peers[i].first_words = &words[i];
  }
  struct usage before = usage();
  aim(0, peer_count, (uint32_t)want.prefixes);
  double start = now(), sessions = 0;
  dial_all(0, peer_count);
  for (; wrong > 0; expect(wrong == 0, start, "cold start")) {
    poll_and_tend(20);
    if (sessions == 0 && up == peer_count) sessions = now() - start;
  }
  double in = now() - start;
  struct usage after = usage();
  resident();
  rest(want.settle);
  aim(0, peer_count, 0);
  start = now();
  for (int i = 0; i < peer_count; i++) say(&peers[i], last[i].data, last[i].size);
  double out = until_right(start, "withdrawn");
  print_head("nodes", 0);
  printf(", \"up_s\": %.4f, \"cold_start_s\": %.4f, \"withdraw_s\": %.4f", sessions, in, out);
  print_end(before, after);
}

static int by_size(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return difference < 0 ? -1 : difference > 0;
}

static double percentile(double *sorted, size_t count, double part) {
  size_t at = (size_t)(part * (double)count);
  return 1e6 * sorted[at < count ? at : count - 1];
}

static void latency(void) {
  make_peers(want.clients + 1);
  compose();
  dial_all(0, peer_count);
  until_up(peer_count);
  rest(4 * want.settle);
  aim(1, peer_count, (uint32_t)want.prefixes);
  feed(&all_in);
  until_right(now(), "announced");
  rest(want.settle);
  size_t receivers = (size_t)want.clients, changes = (size_t)want.latency;
  double *each = calloc(receivers * changes, sizeof *each), *last = calloc(changes, sizeof *last);
  if (each == NULL || last == NULL) err(1, "no memory");
  struct usage before = usage();
  struct text text = {0};
  for (size_t change = 0; change < changes; change++) {
    // Withdrawn, announced, and then the next one; prefixes from all over the table.
    uint32_t prefix = (uint32_t)(change / 2 * 7919 % (size_t)want.prefixes);
    int part = (int)((int64_t)prefix * parts() / want.prefixes);
    while (part_start(part + 1) <= prefix) part++;
    while (part_start(part) > prefix) part--;
    text.size = 0;
    if (change % 2 == 0) withdraw(&text, prefix, prefix + 1);
    else announce(&text, part, prefix, prefix + 1);
    aim(1, peer_count, (uint32_t)want.prefixes - (change % 2 == 0));
    double start = now();
    feed(&text);
    until_right(start, "a single change");
    for (size_t i = 0; i < receivers; i++) {
      double took = peers[i + 1].right_at - start;
      each[change * receivers + i] = took;
      if (took > last[change]) last[change] = took;
    }
    rest(start + 0.010 - now());
  }
  struct usage after = usage();
  qsort(each, receivers * changes, sizeof *each, by_size);
  qsort(last, changes, sizeof *last, by_size);
  print_head("latency", 0);
  printf(", \"changes\": %d, \"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f, \"last_p50_us\": %.0f, \"last_p99_us\": %.0f",
         want.latency, percentile(each, receivers * changes, 0.5), percentile(each, receivers * changes, 0.99),
         percentile(each, receivers * changes, 1), percentile(last, changes, 0.5), percentile(last, changes, 0.99));
  print_end(before, after);
}

// ---- The floor: whatever one client says after its first two messages goes to all others

struct outlet {
  int fd;
  bool blocked, source;
  unsigned greetings;
  uint8_t greeting[LONGEST];
  size_t heard, told;
};

// Reads a client's OPEN and KEEPALIVE and nothing beyond; false while there is more to come.
static bool greeted(struct outlet *outlet) {
  while (outlet->greetings < 2) {
    size_t length = outlet->heard < HEAD ? HEAD : get16(outlet->greeting + 16);
    if (length <= outlet->heard && outlet->heard >= HEAD) {
      outlet->greetings++;
      outlet->heard = 0;
      continue;
    }
    ssize_t got = recv(outlet->fd, outlet->greeting + outlet->heard, length - outlet->heard, 0);
    if (got <= 0) return false;
    outlet->heard += (size_t)got;
  }
  return true;
}

static void __attribute__((noreturn)) forward(int listener) {
  const size_t room = (size_t)4 << 30;
  uint8_t *said = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (said == MAP_FAILED) err(1, "relay: mmap");
  uint8_t hello[96 + HEAD];
  size_t hello_size = write_open(hello, 0x0ac80000);
  memcpy(hello + hello_size, keepalive, HEAD);
  hello_size += HEAD;
  int pollfd = epoll_create1(0), most = want.clients * want.rounds + 2, count = 0;
  struct outlet *outlets = calloc((size_t)most, sizeof *outlets);
  struct epoll_event arrival = {EPOLLIN, {.ptr = NULL}}, events[EVENTS];
  epoll_ctl(pollfd, EPOLL_CTL_ADD, listener, &arrival);
  for (size_t size = 0;;) {
    int ready = epoll_wait(pollfd, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct outlet *outlet = events[i].data.ptr;
      if (outlet == NULL) {
        const int yes = 1, wide = 1 << 20;
        outlet = &outlets[count];
        outlet->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (outlet->fd < 0 || ++count > most) errx(1, "relay: accept");
        setsockopt(outlet->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        setsockopt(outlet->fd, SOL_SOCKET, SO_SNDBUF, &wide, sizeof wide);
        if (send(outlet->fd, hello, hello_size, MSG_NOSIGNAL) != (ssize_t)hello_size) err(1, "relay: send");
        struct epoll_event both = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = outlet}};
        epoll_ctl(pollfd, EPOLL_CTL_ADD, outlet->fd, &both);
        continue;
      }
      if ((events[i].events & EPOLLOUT) != 0) outlet->blocked = false;
      if ((events[i].events & EPOLLIN) == 0 || !greeted(outlet)) continue;
      for (ssize_t got; (got = recv(outlet->fd, said + size, room - size, 0)) > 0; size += (size_t)got)
        outlet->source = true;
    }
    for (int i = 0; i < count; i++) {
      struct outlet *outlet = &outlets[i];
      if (outlet->source || outlet->greetings < 2) continue;
      while (outlet->told < size && !outlet->blocked) {
        ssize_t sent = send(outlet->fd, said + outlet->told, size - outlet->told, MSG_NOSIGNAL);
        if (sent < 0) outlet->blocked = true;
        else outlet->told += (size_t)sent;
      }
    }
  }
}

static void start_relay(void) {
  const int yes = 1;
  struct sockaddr_in near = {.sin_family = AF_INET, .sin_port = htons((uint16_t)want.port)};
  if (inet_pton(AF_INET, want.host, &near.sin_addr) != 1) errx(2, "no IPv4 address: %s", want.host);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&near, sizeof near) != 0 || listen(listener, 4096) != 0)
    err(1, "relay: port %d", want.port);
  pid_t parent = getpid();
  want.pid = fork();
  if (want.pid < 0) err(1, "fork");
  if (want.pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) exit(1);
    forward(listener);
  }
  close(listener);
}

// ---- The command line

static long number(const char *text, const char *name, long least, long most) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < least || value > most)
    errx(2, "--%s %s: a number from %ld to %ld", name, text, least, most);
  return value;
}

static void read_options(int count, char **words) {
  enum { HOST = 1, PORT, CLIENTS, PREFIXES, ATTRS, ROUNDS, LATE, NODES, SLOW, LATENCY, RELAY, PID, AS, HOLD, HOP, SETTLE, TIMEOUT };
  static const struct option known[] = {
      {"host", 1, 0, HOST},         {"port", 1, 0, PORT},     {"clients", 1, 0, CLIENTS}, {"prefixes", 1, 0, PREFIXES},
      {"attrs", 1, 0, ATTRS},       {"rounds", 1, 0, ROUNDS}, {"late", 0, 0, LATE},       {"nodes", 0, 0, NODES},
      {"slow", 0, 0, SLOW},         {"pid", 1, 0, PID},       {"latency", 1, 0, LATENCY}, {"relay", 0, 0, RELAY},
      {"as", 1, 0, AS},             {"hold", 1, 0, HOLD},     {"next-hop", 1, 0, HOP},    {"settle", 1, 0, SETTLE},
      {"timeout", 1, 0, TIMEOUT},   {0}};
  struct in_addr address;
  for (int which, index = 0; (which = getopt_long(count, words, "", known, &index)) != -1;) {
    if (which == '?') exit(2);
    const char *name = known[index].name;
    switch (which) {
      case HOST: want.host = optarg; break;
      case PORT: want.port = (int)number(optarg, name, 1, 65535); break;
      case CLIENTS: want.clients = (int)number(optarg, name, 1, 15000); break;
      case PREFIXES: want.prefixes = (int)number(optarg, name, 1, MOST_PREFIXES); break;
      case ATTRS: want.attrs = (int)number(optarg, name, 1, MOST_PREFIXES); break;
      case ROUNDS: want.rounds = (int)number(optarg, name, 1, 1000); break;
      case LATE: want.late = true; break;
      case NODES: want.nodes = true; break;
      case SLOW: want.slow = true; break;
      case LATENCY: want.latency = (int)number(optarg, name, 1, 100000); break;
      case RELAY: want.relay = true; break;
      case PID: want.pid = (pid_t)number(optarg, name, 1, INT32_MAX); break;
      case AS: want.as = (uint32_t)number(optarg, name, 1, UINT32_MAX); break;
      case HOLD: want.hold = (int)number(optarg, name, 0, 65535); break;
      case HOP:
        if (inet_pton(AF_INET, optarg, &address) != 1) errx(2, "--next-hop %s: an IPv4 address", optarg);
        want.next_hop = ntohl(address.s_addr);
        break;
      case SETTLE: want.settle = atof(optarg); break;
      default: want.timeout = (double)number(optarg, name, 1, 86400); break;
    }
  }
  if (optind < count) errx(2, "what is %s?", words[optind]);
  if (want.late + want.nodes + want.slow + (want.latency > 0) > 1) errx(2, "one of --late, --nodes, --slow, --latency");
  if (want.relay && (want.nodes || want.hold != 0 || want.pid != 0)) errx(2, "--relay goes without --nodes, --hold, --pid");
  if (parts() > want.prefixes) errx(2, "fewer prefixes than sets of them");
}

int main(int count, char **words) {
  read_options(count, words);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  set_head(keepalive, HEAD, KEEPALIVE);
  if (want.relay) start_relay();
  poller = epoll_create1(EPOLL_CLOEXEC);
  keepalive_at = now() + want.hold / 3.0;
  if (want.nodes) nodes();
  else if (want.late) late();
  else if (want.slow) slow();
  else if (want.latency > 0) latency();
  else converge();
  if (want.relay) {
    kill(want.pid, SIGKILL);
    waitpid(want.pid, NULL, 0);
  }
  return 0;
}
