# BGP reflectors under load: bench/run bgp-NAME, or bench/run all-bgp. Each run has a process and a
# namespace of its own; the clients are bench/bgp-load.c. FRR and BIRD are Debian's, GoBGP is of the peers.
# GoBGP takes part where it ends within a minute. A round is cold when it is the process's first; warm is
# the best of the later ones.

bgp_names="bgp-converge bgp-late bgp-cold-start bgp-memory bgp-latency bgp-attrs bgp-slow"
bgp_port=1790

bgp_ready() {
  need gcc gcc
  need ss iproute2
  need bird bird2
  need /usr/lib/frr/bgpd frr
  PATH=$PATH:/usr/sbin
  gobgpd=$(peers)/gobgpd
  ${CC:-gcc} -std=c17 -O2 -Wall -Wextra -o "$work/bgp-load" "$root/bench/bgp-load.c"
  say "bench: load of this machine before: $(cut -d' ' -f1-3 /proc/loadavg)"
}

# The servers. Each reflects between all of 127.0.0.0/8 in AS 64512, and sets $server.

bird_bgp() {
  cat >"$work/bird.conf" <<B
log stderr { fatal, bug };
router id 10.255.0.1;
protocol device {}
protocol bgp clients {
  local 127.0.0.1 port $bgp_port as 64512;
  neighbor range 127.0.0.0/8 as 64512;
  dynamic name "client";
  passive;
  multihop;
  rr client;
  rr cluster id 10.255.0.1;
  ipv4 { import all; export all; };
}
B
  ip netns exec "$tag-f" bird -f -c "$work/bird.conf" -s "$work/bird.ctl" >"$work/bird.log" 2>&1 &
  server=$!
}

frr_bgp() { # [COMMAND]: another command of the router
  cat >"$work/frr.conf" <<B
router bgp 64512
 bgp router-id 10.255.0.1
 bgp cluster-id 10.255.0.1
 no bgp default ipv4-unicast
 bgp listen limit 5000
 neighbor clients peer-group
 neighbor clients remote-as 64512
 neighbor clients passive
 neighbor clients advertisement-interval 0
 bgp listen range 127.0.0.0/8 peer-group clients
 ${1:-}
 address-family ipv4 unicast
  neighbor clients activate
  neighbor clients route-reflector-client
B
  # Alone: without zebra, as root, its files in one folder, and no terminal's port.
  ip netns exec "$tag-f" /usr/lib/frr/bgpd -f "$work/frr.conf" -Z -n -S -p $bgp_port -l 127.0.0.1 -i "$work/bgpd.pid" \
    --vty_socket "$work" -P 0 >"$work/frr.log" 2>&1 &
  server=$!
}

# As it is set up, FRR waits a second for more of a kind before it feeds new sessions.
frr_eager_bgp() { frr_bgp 'coalesce-time 10'; }

gobgp_bgp() {
  cat >"$work/gobgp.toml" <<B
[global.config]
as = 64512
router-id = "10.255.0.1"
port = $bgp_port
local-address-list = ["127.0.0.1"]
[[peer-groups]]
[peer-groups.config]
peer-group-name = "clients"
peer-as = 64512
[peer-groups.transport.config]
passive-mode = true
[peer-groups.route-reflector.config]
route-reflector-client = true
route-reflector-cluster-id = "10.255.0.1"
[[peer-groups.afi-safis]]
[peer-groups.afi-safis.config]
afi-safi-name = "ipv4-unicast"
[[dynamic-neighbors]]
[dynamic-neighbors.config]
prefix = "127.0.0.0/8"
peer-group = "clients"
B
  ip netns exec "$tag-f" "$gobgpd" -f "$work/gobgp.toml" --api-hosts=127.0.0.1:50051 --pprof-disable >"$work/gobgp.log" 2>&1 &
  server=$!
}

# Ours: this function is all that knows how it is started.
denim_bgp() {
  "$root/denim" --help | grep -qw bgp || return 1
  cat >"$work/denim.yaml" <<B
as: 64512
router-id: 10.255.0.1
cluster-id: 10.255.0.1
listen: [{address: 127.0.0.1, port: $bgp_port}]
ranges: [{name: clients, range: 127.0.0.0/8, as: internal, client: true}]
B
  ip netns exec "$tag-f" "$root/denim" bgp run "$work/denim.yaml" >"$work/denim.log" 2>&1 &
  server=$!
}

# bgp SERVER CASE OPTIONS...: one fresh server (or relay, the floor) under one load, whose JSON lines
# go to $work/CASE.SERVER. A server that fails leaves no file there.
bgp() {
  local who=$1 out=$work/$2.$1 ready=
  shift 2
  ip netns add "$tag-f"
  ip -n "$tag-f" link set lo up
  if [ "$who" = relay ]; then
    ip netns exec "$tag-f" "$work/bgp-load" --relay --port $bgp_port "$@" >"$out.new" && mv "$out.new" "$out" || say "bench: the relay failed"
    ip netns del "$tag-f"
    return
  fi
  server=
  if "${who}_bgp"; then
    pids="$pids $server"
    for _ in $(seq 1 500); do
      ready=$(ip netns exec "$tag-f" ss -Hltn "sport = :$bgp_port")
      [ -z "$ready" ] && kill -0 "$server" 2>/dev/null || break
      read -r -t 0.02 _ <>"$work/fifo" || true
    done
    if [ -z "$ready" ]; then
      say "bench: $who does not listen:"; tail -n 20 "$work/${who%_eager}.log" >&2
    elif ip netns exec "$tag-f" "$work/bgp-load" --port $bgp_port --pid "$server" "$@" >"$out.new"; then
      mv "$out.new" "$out"
    else
      say "bench: $who failed with $*"; tail -n 5 "$work/${who%_eager}.log" >&2
    fi
    kill -9 "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    pids=${pids% "$server"}
  else
    echo "ours: not there"
  fi
  ip netns del "$tag-f"
  while [ -e "/run/netns/$tag-f" ]; do :; done
}

# figure CASE SERVER KEY first|later|most: of its rounds the first, the least of the later ones, or the
# most; "-" when there is none.
figure() {
  [ -e "$work/$1.$2" ] || { echo -; return; }
  python3 - "$work/$1.$2" "$3" "$4" <<'P'
import json, sys
rounds = [json.loads(line) for line in open(sys.argv[1])]
values = [r[sys.argv[2]] for r in rounds if sys.argv[2] in r]
which = {"first": values[:1], "later": values[1:] and [min(values[1:])], "most": values and [max(values)]}[sys.argv[3]]
print(*which or "-")
P
}

# bgp_table CASE SERVERS KEY:WHICH...: a row a server.
bgp_table() {
  local label=$1 who key
  printf '%-26s' "$1"
  for key in "${@:3}"; do
    case $key in *:later) printf ' %20s' "${key%:*} warm" ;; *) printf ' %20s' "${key%:*}" ;; esac
  done
  for who in $2; do
    printf '\n%-26s' "  ${who/denim/ours}"
    for key in "${@:3}"; do printf ' %20s' "$(figure "$label" "$who" "${key%:*}" "${key#*:}")"; done
  done
  echo
}

# bgp_verdict NAME CASE KEY WHICH UNIT [FACTOR SERVER | LIMIT]: ours against a peer's or a number.
bgp_verdict() {
  local ours frr bird bar goal
  ours=$(figure "$2" denim "$3" "$4") frr=$(figure "$2" frr "$3" "$4") bird=$(figure "$2" bird "$3" "$4")
  if [ $# = 7 ]; then
    bar=$(figure "$2" "$7" "$3" "$4") goal="<=$6*$7"
    bar=$(awk -v b="$bar" -v f="$6" 'BEGIN { print b == "-" ? b : b * f }')
  else
    bar=$6 goal="<=$6$5"
  fi
  awk -v n="$1" -v o="$ours" -v f="$frr" -v b="$bird" -v u="$5" -v bar="$bar" -v g="$goal" 'BEGIN {
    ratio = o != "-" && f != "-" && f > 0 ? sprintf("%.3f", o / f) : "-"
    printf "%s ours=%s frr=%s bird=%s ratio=%s goal=%s", n, o == "-" ? o : o u, f == "-" ? f : f u, b == "-" ? b : b u, ratio, g
    if (g ~ /\*/) printf "(%s)", bar == "-" ? bar : bar u
    print o != "-" && bar != "-" && o + 0 <= bar + 0 ? " met" : " missed" }'
}

bgp_rows="updates:first server_cpu_s:first own_cpu_s:first server_peak_mib:most server_anonymous_mib:most others_cpu_s:first"

# G17: many routes and many peers, here and in all that follows but latency.
measure_bgp_converge() {
  bgp_ready
  local size clients prefixes who label
  for size in 10:100000 50:100000 100:20000; do
    clients=${size%:*} prefixes=${size#*:} label=converge-${size%:*}x${size#*:}
    for who in relay bird frr denim; do
      bgp $who "$label" --clients "$clients" --prefixes "$prefixes" --rounds 6
    done
    # shellcheck disable=SC2086 # a list of columns
    bgp_table "$label" "relay bird frr denim" converge_s:first converge_s:later withdraw_s:later $bgp_rows
  done
  bgp gobgp converge-10x10000 --clients 10 --prefixes 10000
  # shellcheck disable=SC2086
  bgp_table converge-10x10000 gobgp converge_s:first converge_s:later withdraw_s:first $bgp_rows
  for size in 10x100000 50x100000 100x20000; do
    bgp_verdict "bgp-converge-$size-cold" "converge-$size" converge_s first s 0.333 frr
    bgp_verdict "bgp-converge-$size-warm" "converge-$size" converge_s later s 0.1 frr
    bgp_verdict "bgp-converge-$size-floor" "converge-$size" converge_s later s 2 relay
  done
}

measure_bgp_late() {
  bgp_ready
  local who
  for who in relay bird frr frr_eager denim; do bgp $who late --late --clients 50 --prefixes 100000 --rounds 3; done
  # shellcheck disable=SC2086
  bgp_table late "relay bird frr frr_eager denim" late_s:first late_s:later $bgp_rows
  bgp_verdict bgp-late late late_s first s 0.05 frr
  bgp_verdict bgp-late-eager late late_s first s 1 frr_eager
}

measure_bgp_cold_start() {
  bgp_ready
  local who
  for who in bird frr frr_eager gobgp denim; do bgp $who nodes-101 --nodes --clients 101 --prefixes 500; done
  for who in frr frr_eager denim; do bgp $who nodes-1001 --nodes --clients 1001 --prefixes 2000; done
  # shellcheck disable=SC2086
  {
    bgp_table nodes-101 "bird frr frr_eager gobgp denim" up_s:first cold_start_s:first withdraw_s:first redials:most $bgp_rows
    bgp_table nodes-1001 "frr frr_eager denim" up_s:first cold_start_s:first withdraw_s:first redials:most $bgp_rows
  }
  bgp_verdict bgp-cold-start-101 nodes-101 cold_start_s first s 0.2 frr
  bgp_verdict bgp-cold-start-1001 nodes-1001 cold_start_s first s 0.2 frr
  bgp_verdict bgp-cold-start-101-eager nodes-101 cold_start_s first s 1 frr_eager
  bgp_verdict bgp-cold-start-1001-eager nodes-1001 cold_start_s first s 1 frr_eager
}

measure_bgp_memory() {
  bgp_ready
  local who
  for who in bird frr denim; do
    bgp $who memory-50x100000 --clients 50 --prefixes 100000 --rounds 4
    bgp $who memory-10x1000000 --slow --clients 10 --prefixes 1000000 --rounds 3
  done
  bgp_table memory-50x100000 "bird frr denim" server_peak_mib:most server_anonymous_mib:most
  bgp_table memory-10x1000000 "bird frr denim" server_peak_mib:most server_anonymous_mib:most
  bgp_verdict bgp-memory-50x100000 memory-50x100000 server_peak_mib most MiB 80
  bgp_verdict bgp-memory-10x1000000 memory-10x1000000 server_peak_mib most MiB 200
}

# G19: one change.
measure_bgp_latency() {
  bgp_ready
  local who
  for who in relay bird frr denim; do bgp $who latency --latency 1000 --clients 100 --prefixes 20000; done
  bgp_table latency "relay bird frr denim" p50_us:first p99_us:first max_us:first last_p50_us:first last_p99_us:first server_cpu_s:first own_cpu_s:first
  bgp_verdict bgp-latency-p50 latency p50_us first us 1000
  bgp_verdict bgp-latency-p99 latency p99_us first us 5000
}

measure_bgp_attrs() {
  bgp_ready
  local who
  for who in relay bird frr denim; do bgp $who attrs --clients 50 --prefixes 100000 --attrs 10000 --rounds 4; done
  # shellcheck disable=SC2086
  bgp_table attrs "relay bird frr denim" converge_s:first converge_s:later withdraw_s:later $bgp_rows
  bgp_verdict bgp-attrs-cold attrs converge_s first s 0.333 frr
  bgp_verdict bgp-attrs-warm attrs converge_s later s 0.333 frr
}

# One client reads nothing while the others converge, twice; what it has in the end is checked.
measure_bgp_slow() {
  bgp_ready
  local who
  for who in relay bird frr denim; do bgp $who slow --slow --clients 10 --prefixes 1000000 --rounds 2; done
  # shellcheck disable=SC2086
  bgp_table slow "relay bird frr denim" converge_s:first caught_up_s:first $bgp_rows
  bgp_verdict bgp-slow slow converge_s first s 0.333 frr
  bgp_verdict bgp-slow-caught-up slow caught_up_s first s 0.5
}
