# The measurements. Each prints a table and, as its last line, the verdict.

rounds=5

path() { # tcp|rtt vxlan|direct
  local what=$1 mode=$2 i ns server to
  need iperf3 iperf3
  need ping iputils-ping
  by_hand "$tag" "$mode"
  ours_up "$tag" "$mode"
  ours_up "${tag}m" "$mode" true
  local masq_from masq_server masq_to
  masq_from=$(member "${tag}m" n1-p1 ns) masq_server=$(member "${tag}m" n2-p1 ns) masq_to=$(member "${tag}m" n2-p1 address)
  local ours_from ours_server ours_to
  ours_from=$(member "$tag" n1-p1 ns) ours_server=$(member "$tag" n2-p1 ns) ours_to=$(member "$tag" n2-p1 address)
  if [ "$what" = tcp ]; then
    nsenter --net="$ours_server" iperf3 -s >/dev/null & pids="$pids $!"
    nsenter --net="$masq_server" iperf3 -s >/dev/null & pids="$pids $!"
    ip netns exec "$tag-p2" iperf3 -s >/dev/null & pids="$pids $!"
  fi
  : >"$work/ours"; : >"$work/peer"; : >"$work/masq"
  for ((i = 0; i < rounds; i++)); do
    one "$what" "nsenter --net=$masq_from" "$masq_to" >>"$work/masq"
    one "$what" "nsenter --net=$ours_from" "$ours_to" >>"$work/ours"
    one "$what" "ip netns exec $tag-p1" 10.99.2.2 >>"$work/peer"
  done
  local unit="Gbit/s" op=">=" goal=0.98
  [ "$what" = tcp ] || { unit=ms op="<=" goal=1.02; }
  row "$name, $unit" median min max
  row ours $(spread <"$work/ours")
  row "ours with --ip-masq" $(spread <"$work/masq")
  row "by hand" $(spread <"$work/peer")
  verdict "$name" "$(spread <"$work/ours" | cut -d' ' -f1)" "$(spread <"$work/peer" | cut -d' ' -f1)" "$op" "$goal"
}

one() { # tcp|rtt ENTER TARGET
  if [ "$1" = tcp ]; then
    # A server that is still starting refuses; the first try may be too early.
    for _ in $(seq 1 20); do
      if $2 iperf3 -c "$3" -t 3 -J >"$work/iperf.json" 2>/dev/null; then break; fi
      read -r -t 0.2 _ <>"$work/fifo" || true
    done
    python3 -c 'import json,sys; print(round(json.load(open(sys.argv[1]))["end"]["sum_received"]["bits_per_second"]/1e9, 3))' "$work/iperf.json"
  else
    # The mean that ping prints is rounded to a microsecond; the whole time is not.
    $2 ping -q -f -c 50000 "$3" | sed -n 's#.* time \([0-9]*\)ms$#\1#p' | awk '{ printf "%.5f\n", $1 / 50000 }'
  fi
}

measure_direct_tcp() { path tcp direct; }
measure_vxlan_tcp() { path tcp vxlan; }
measure_direct_rtt() { path rtt direct; }
measure_vxlan_rtt() { path rtt vxlan; }

# Something is deleted by hand a hundred times each; the time until the kernel says that it is back.
measure_drift() {
  need nft nftables
  ours_up "$tag" vxlan
  python3 "$root/bench/watch.py" "$(member "$tag" n1 ns)" drift 100 | tee "$work/drift"
  awk '$1 == "all" { printf "drift ours=p50:%.2fms,max:%.2fms peer=10000ms ratio=%.5f goal=p50<5ms,max<100ms %s\n", $3, $4, $3/10000, $3 < 5 && $4 < 100 ? "met" : "missed" }' "$work/drift"
}

# A namespace with an external device and a default route, as one node alone.
lone_node() { # [NAME]
  local ns=${1:-$tag-f}
  ip netns add "$ns"
  ip -n "$ns" link set lo up
  ip -n "$ns" link add eth0 type veth peer name far
  ip -n "$ns" addr add 10.95.0.1/16 dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" link set far up
  ip -n "$ns" route add default via 10.95.255.254
}

lone_node_gone() { ip netns del "$tag-f"; while [ -e "/run/netns/$tag-f" ]; do :; done; }

# The peer that the tests use.
flanneld() { echo "$(peers)/flanneld"; }

conf='{"Network":"10.0.0.0/8","SubnetLen":24,"SubnetMin":"10.200.0.0","SubnetMax":"10.250.0.0","Backend":{"Type":"vxlan"}}'

# peers_etcd COUNT: etcd in the lone node's namespace with so many leases.
peers_etcd() {
  need etcd etcd-server
  ip netns exec "$tag-f" etcd --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:2379 \
    --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 --log-level error >"$work/etcd.log" 2>&1 &
  etcd_pid=$!
  pids="$pids $etcd_pid"
  ip netns exec "$tag-f" python3 - "$1" "$conf" <<'P'
import base64, json, sys, time, urllib.request
def b(t): return base64.b64encode(t.encode()).decode()
def call(path, body):
    r = urllib.request.Request("http://127.0.0.1:2379/v3/" + path, json.dumps(body).encode())
    return json.load(urllib.request.urlopen(r, timeout=10))
for _ in range(100):
    try:
        call("kv/range", {"key": b("x")}); break
    except OSError:
        time.sleep(0.1)
lease = call("lease/grant", {"TTL": 86400})["ID"]
puts = [("/coreos.com/network/config", sys.argv[2], 0)]
for i in range(int(sys.argv[1])):
    value = '{"PublicIP":"10.95.%d.%d","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"02:00:00:00:%02x:%02x"}}' % (1 + i // 250, 1 + i % 250, i // 256, i % 256)
    puts.append(("/coreos.com/network/subnets/10.%d.%d.0-24" % (100 + i // 200, i % 200), value, lease))
for at in range(0, len(puts), 100):
    call("kv/txn", {"success": [{"requestPut": {"key": b(k), "value": b(v), "lease": l}} for k, v, l in puts[at:at + 100]]})
P
}

seed() { # DIRECTORY COUNT
  . "$root/tools/jdk.sh"
  "$JAVA_HOME/bin/java" -cp "$root/.denim/current/lib/*" "$root/bench/Seed.java" "$1" "$2" "$conf" 2>/dev/null
}

ours_agent() { # STORE
  echo "$root/denim" agent --store-dir="$1" --data-dir="$work/data" --subnet-file="$work/ours.env" \
    --socket="$work/agent.sock" --cni-socket="$work/cni.sock" --cni-data-dir="$work/networks" --node-name=bench --net-config-path=/nonexistent --ip-masq
}
peer_agent() {
  need iptables iptables >&2
  echo env -u NODE_NAME "$(flanneld)" --ip-masq --subnet-file="$work/peer.env" --iface=eth0
}

# From exec to subnet.env.
measure_start() {
  local i begin
  : >"$work/ours"; : >"$work/peer"
  for ((i = 0; i < rounds; i++)); do
    lone_node
    rm -rf "$work/store" "$work/data" "$work/ours.env" "$work/etcd" "$work/peer.env"
    seed "$work/store" 4
    started "$work/ours.env" ip netns exec "$tag-f" $(ours_agent "$work/store") >>"$work/ours"
    lone_node_gone
    lone_node
    peers_etcd 4
    started "$work/peer.env" ip netns exec "$tag-f" $(peer_agent) >>"$work/peer"
    kill "$etcd_pid"; wait "$etcd_pid" 2>/dev/null || true
    lone_node_gone
  done
  row "start, s" median min max
  row ours $(spread <"$work/ours")
  row flanneld $(spread <"$work/peer")
  local ours peer
  ours=$(spread <"$work/ours" | cut -d' ' -f1) peer=$(spread <"$work/peer" | cut -d' ' -f1)
  awk -v o="$ours" -v p="$peer" 'BEGIN { printf "start ours=%ss peer=%ss ratio=%.3f goal=ours<=1.5s %s\n", o, p, o/p, o <= 1.5 ? "met" : "missed" }'
}

started() { # FILE COMMAND...: seconds until the file is there
  local file=$1 begin end
  shift
  begin=$(date +%s.%N)
  "$@" >"$work/started.log" 2>&1 &
  local pid=$!
  for _ in $(seq 1 3000); do
    [ ! -e "$file" ] || break
    read -r -t 0.01 _ <>"$work/fifo" 2>/dev/null || true
  done
  end=$(date +%s.%N)
  [ -e "$file" ] || { cat "$work/started.log" >&2; exit 1; }
  # flanneld does not always end by SIGTERM.
  kill -9 "$pid"; wait "$pid" 2>/dev/null || true
  echo "$begin $end" | awk '{ printf "%.3f\n", $2 - $1 }'
}

measure_scale() {
  local i count=5000
  : >"$work/ours"; : >"$work/peer"
  seed "$work/full" $count
  for ((i = 0; i < 3; i++)); do
    lone_node
    rm -rf "$work/data" "$work/store"; cp -r "$work/full" "$work/store"
    LOG="$work/run.ours.log" python3 "$root/bench/watch.py" "/run/netns/$tag-f" run $count $(ours_agent "$work/store") >>"$work/ours"
    lone_node_gone
    lone_node
    rm -rf "$work/etcd"
    peers_etcd $count
    LOG="$work/run.peer.log" python3 "$root/bench/watch.py" "/run/netns/$tag-f" run $count $(peer_agent) >>"$work/peer"
    kill "$etcd_pid"; wait "$etcd_pid" 2>/dev/null || true
    lone_node_gone
  done
  row "scale, 5000 peers, s" median min max
  row "ours, first to last" $(awk '{print $2}' "$work/ours" | spread)
  row "flanneld, first to last" $(awk '{print $2}' "$work/peer" | spread)
  row "ours, exec to last" $(awk '{print $3}' "$work/ours" | spread)
  row "flanneld, exec to last" $(awk '{print $3}' "$work/peer" | spread)
  verdict scale-exec "$(awk '{print $3}' "$work/ours" | spread | cut -d' ' -f1)" "$(awk '{print $3}' "$work/peer" | spread | cut -d' ' -f1)" "<=" 1.0
  verdict scale "$(awk '{print $2}' "$work/ours" | spread | cut -d' ' -f1)" "$(awk '{print $2}' "$work/peer" | spread | cut -d' ' -f1)" "<=" 0.2
}

# MiB of a process and its one child, if it has one that matters: resident, anonymous, proportional; and its CPU over a minute.
measure_memory() {
  local count
  for count in 4 500; do
    lone_node
    rm -rf "$work/store" "$work/data" "$work/etcd" "$work/ours.env" "$work/peer.env"
    seed "$work/store" $count
    ip netns exec "$tag-f" $(ours_agent "$work/store") >"$work/agent.log" 2>&1 & local ours=$!
    pids="$pids $ours"
    settle "$work/ours.env"
    idle "ours-$count" "$(pgrep -f "data-dir=$work/data" | head -n1)"
    kill -9 "$ours"; wait "$ours" 2>/dev/null || true
    lone_node_gone
    lone_node
    peers_etcd $count
    ip netns exec "$tag-f" $(peer_agent) >"$work/flanneld.log" 2>&1 & local peer=$!
    pids="$pids $peer"
    settle "$work/peer.env"
    idle "peer-$count" "$(pgrep -f "subnet-file=$work/peer.env" | head -n1)"
    kill -9 "$peer" "$etcd_pid"; wait "$peer" "$etcd_pid" 2>/dev/null || true
    lone_node_gone
  done
  printf '%-12s %10s %10s %10s %12s\n' "memory" "rss MiB" "anon MiB" "pss MiB" "cpu s/min"
  cat "$work/memory"
  awk '$1 == "ours-4" { r = $2; c = $5 } $1 == "ours-500" { r5 = $2; a = $3 > a ? $3 : a } $1 == "peer-4" { p = $2; pc = $5 } $1 ~ /^ours/ { if ($3 > a) a = $3 }
    END { printf "memory ours=%s/%sMiB,anon:%s,cpu:%s peer=%sMiB,cpu:%s ratio=%.3f goal=rss<=100/128,anon<=72,cpu<=peer %s\n", r, r5, a, c, p, pc, r/p, r <= 100 && r5 <= 128 && a <= 72 && c <= pc ? "met" : "missed" }' "$work/memory"
}

settle() {
  for _ in $(seq 1 1000); do [ ! -e "$1" ] || break; read -r -t 0.01 _ <>"$work/fifo" 2>/dev/null || true; done
  [ -e "$1" ] || { say "bench: no $1"; cat "$work"/*.log >&2; exit 1; }
}

ticks() { awk '{print $14 + $15 + $16 + $17}' "/proc/$1/stat"; }

idle() { # LABEL PID
  local before after
  sleep 10
  before=$(ticks "$2")
  sleep 60
  after=$(ticks "$2")
  awk -v l="$1" -v t="$((after - before))" '/^Rss:/ {r=$2} /^Anonymous:/ {a=$2} /^Pss:/ {p=$2}
    END { printf "%-12s %10.1f %10.1f %10.1f %12.2f\n", l, r/1024, a/1024, p/1024, t/100 }' "/proc/$2/smaps_rollup" >>"$work/memory"
}
