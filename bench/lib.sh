# Sourced by bench/run: the parts that several measurements need.

say() { printf '%s\n' "$*" >&2; }

need() { # program package
  command -v "$1" >/dev/null || PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || {
    say "bench: installs the Debian package $2"
    debian_install -qq "$2" >/dev/null
  }
}

# Numbers on stdin, one a line: "median min max".
spread() { sort -g | awk '{v[NR]=$1} END {m = NR % 2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2; print m, v[1], v[NR]}'; }

# verdict NAME OURS PEER OP GOAL: the last line of a measurement; the ratio is ours/peer.
verdict() {
  awk -v n="$1" -v o="$2" -v p="$3" -v op="$4" -v g="$5" 'BEGIN {
    r = p ? o / p : 0
    met = op == ">=" ? r >= g : r <= g
    printf "%s ours=%s peer=%s ratio=%.3f goal=%s%s %s\n", n, o, p, r, op, g, met ? "met" : "missed" }'
}

row() { printf '%-26s %14s %14s %14s\n' "$@"; }

# The peer of the data path: two nodes behind one switch with the same devices, made by hand with ip.
# by_hand NAME vxlan|direct: namespaces NAME-sw, NAME-n1, NAME-n2, NAME-p1, NAME-p2; pods 10.99.1.2 and 10.99.2.2.
by_hand() {
  local b=$1 mode=$2 i j mtu=1500
  [ "$mode" = direct ] || mtu=1450
  ip netns add "$b-sw"
  ip -n "$b-sw" link add sw0 type bridge
  ip -n "$b-sw" link set sw0 up
  for i in 1 2; do
    ip netns add "$b-n$i"
    ip netns add "$b-p$i"
    ip -n "$b-sw" link add "p$i" type veth peer name eth0 netns "$b-n$i"
    ip -n "$b-sw" link set "p$i" master sw0 up
    ip -n "$b-n$i" addr add "10.98.0.$i/24" dev eth0
    ip -n "$b-n$i" link set eth0 up
    ip -n "$b-n$i" link set lo up
    ip netns exec "$b-n$i" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
    ip -n "$b-n$i" link add cni0 mtu $mtu type bridge
    ip -n "$b-n$i" addr add "10.99.$i.1/24" dev cni0
    ip -n "$b-n$i" link set cni0 up
    ip -n "$b-n$i" link add veth0 mtu $mtu type veth peer name eth0 mtu $mtu netns "$b-p$i"
    ip -n "$b-n$i" link set veth0 master cni0 up
    ip -n "$b-p$i" addr add "10.99.$i.2/24" dev eth0
    ip -n "$b-p$i" link set eth0 up
    ip -n "$b-p$i" link set lo up
    ip -n "$b-p$i" route add default via "10.99.$i.1"
  done
  for i in 1 2; do
    j=$((3 - i))
    if [ "$mode" = direct ]; then
      ip -n "$b-n$i" route add "10.99.$j.0/24" via "10.98.0.$j"
    else
      ip -n "$b-n$i" link add flannel.1 address "02:00:00:00:99:0$i" mtu 1450 type vxlan id 1 local "10.98.0.$i" dev eth0 dstport 8472 nolearning
      ip -n "$b-n$i" addr add "10.99.$i.0/32" dev flannel.1
      ip -n "$b-n$i" link set flannel.1 up
      ip -n "$b-n$i" neigh add "10.99.$j.0" lladdr "02:00:00:00:99:0$j" dev flannel.1 nud permanent
      bridge -n "$b-n$i" fdb add "02:00:00:00:99:0$j" dst "10.98.0.$j" dev flannel.1
      ip -n "$b-n$i" route add "10.99.$j.0/24" via "10.99.$j.0" dev flannel.1 onlink
    fi
  done
}

by_hand_down() {
  local n
  for n in p1 p2 n1 n2 sw; do ip netns del "$1-$n" 2>/dev/null || true; done
}

# ours_up NAME vxlan|direct [true]: a lab of two nodes in one subnet with a pod each.
ours_up() {
  local backend='{Type: vxlan}'
  [ "$2" = vxlan ] || backend='{Type: host-gw}'
  cat >"$work/$1.yaml" <<Y
name: $1
config: {Network: 10.97.0.0/16, Backend: $backend}
subnets: {a: {cidr: 10.96.0.0/24}}
nodes: {n1: {subnet: a, pods: 1}, n2: {subnet: a, pods: 1}}
ipMasq: ${3:-false}
Y
  "$root/denim" lab up "$work/$1.yaml" >/dev/null 2>"$work/$1.log" || { cat "$work/$1.log" >&2; exit 1; }
}

# The network namespace of a member of a lab, and its address.
member() { "$root/denim" lab exec --lab "$1" "$2" readlink /proc/self/ns/net >/dev/null; python3 - "$1" "$2" "$3" <<'P'
import json, sys
lab = json.load(open(f"/run/denim/lab/{sys.argv[1]}/lab.json"))
m = next(m for m in lab["members"] if m["name"] == sys.argv[2])
print(m["namespace"] if sys.argv[3] == "ns" else m["addresses"][0])
P
}

# pods_made PREFIX COUNT: network namespaces PREFIX-0 and on, with one process for all.
pods_made() { seq 0 $(($2 - 1)) | sed "s/.*/netns add $1-&/" | ip -batch -; }

pods_gone() {
  local pod
  for pod in /run/netns/"$1"-*; do [ ! -e "$pod" ] || echo "netns del ${pod##*/}"; done | ip -force -batch - 2>/dev/null || true
}

# The folder of the real programs that the tests use; builds what is missing.
peers() { "$root/tools/peers"; "$root/tools/peers" path; }
