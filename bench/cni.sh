# The measurements of the CNI plugin. Ours: denim-cni and an agent that runs. Peer: the reference
# plugins bridge and host-local. Each has a node of its own (a namespace) and the same caller.

warm=100

cni_ready() { # [KEYS]: more keys of both configurations
  need gcc gcc
  need nft nftables
  "$root/tools/peers"
  PATH=$PATH:/usr/sbin
  call=$work/cni
  ${CC:-gcc} -O2 -Wall -Wextra -o "$call" "$root/bench/cni.c"
  python3 - "$root"/.denim/current/lib/denim-[0-9]*.jar "$work/denim-cni" <<'P'
import sys, zipfile
open(sys.argv[2], "wb").write(zipfile.ZipFile(sys.argv[1]).read("io/denim/install/denim-cni"))
P
  chmod +x "$work/denim-cni"
  reference=$("$root/tools/peers" path)/cni/bridge
  echo '{"Network":"10.97.0.0/16","SubnetLen":24,"Backend":{"Type":"host-gw"}}' >"$work/net-conf.json"
  echo '{"cniVersion":"1.1.0","name":"bench","type":"denim-cni"'"${1:-}}" >"$work/ours.json"
  # A port of denim-cni has these by itself.
  echo '{"cniVersion":"1.1.0","name":"bench","type":"bridge","bridge":"cni0","isGateway":true,"isDefaultGateway":true,"hairpinMode":true,
    "ipam":{"type":"host-local","dataDir":"'"$work/reference"'","ranges":[[{"subnet":"10.96.0.0/24"}]]}'"${1:+$1,\"ipMasqBackend\":\"nftables\"}}" >"$work/peer.json"
  lone_node "$tag-f"
  lone_node "$tag-g"
  cni_agent
}

cni_agent() {
  rm -rf "$work/data" "$work/ours.env"
  "$root/denim" agent --netns="/run/netns/$tag-f" --cni-socket="$work/cni.sock" --cni-data-dir="$work/networks" --data-dir="$work/data" \
    --socket="$work/agent.sock" --subnet-file="$work/ours.env" --net-config-path="$work/net-conf.json" --node-name=bench >"$work/agent.log" 2>&1 &
  agent=$!
  pids="$pids $agent"
  settle "$work/ours.env"
  for _ in $(seq 1 500); do
    ! ours each STATUS 1 >/dev/null 2>&1 || return 0
    read -r -t 0.02 _ <>"$work/fifo" || true
  done
  cat "$work/agent.log" >&2
  exit 1
}

# MODE VERB COUNT: see cni.c.
ours() { DENIM_CNI_SOCKET=$work/cni.sock nsenter --net="/run/netns/$tag-f" "$call" "$1" "$2" "$work/denim-cni" "$work/ours.json" "$tag-o" 0 "$3" "$work/answer.o"; }
peer() { nsenter --net="/run/netns/$tag-g" "$call" "$1" "$2" "$reference" "$work/peer.json" "$tag-r" 0 "$3" "$work/answer.r"; }

pods() { # COUNT: as many new ones on either node
  pods_gone "$tag-o"; pods_gone "$tag-r"
  pods_made "$tag-o" "$1"; pods_made "$tag-r" "$1"
  # The kernel takes the old ones apart by itself; whoever is measured first would wait for that.
  read -r -t 1.5 _ <>"$work/fifo" || true
}

# The JVM compiles what is used often; an agent runs for weeks.
warm_up() {
  pods $warm
  ours row ADD $warm >/dev/null
  ours row DEL $warm >/dev/null
  peer row ADD $warm >/dev/null
  peer row DEL $warm >/dev/null
}

cni_row() { row "$1" $(spread <"$work/$2"); }

middle() { spread <"$work/$1" | cut -d' ' -f1; }

cni_add() { # GOAL [KEYS]
  local i
  cni_ready "${2:-}"
  for ((i = 0; i < rounds; i++)); do
    pods 1
    ours each ADD 1 >>"$work/first"
    ours row DEL 1 >/dev/null
    kill -9 "$agent"; wait "$agent" 2>/dev/null || true
    cni_agent
  done
  warm_up
  for ((i = 0; i < rounds; i++)); do
    pods 60
    ours each ADD 60 >>"$work/ours"
    peer each ADD 60 >>"$work/peer"
    ours row DEL 60 >/dev/null
    peer row DEL 60 >/dev/null
    ours each VERSION 60 >>"$work/shim"
  done
  row "$name, ms" median min max
  cni_row ours ours
  cni_row reference peer
  cni_row "ours, first of an agent" first
  cni_row "denim-cni VERSION" shim
  verdict "$name" "$(middle ours)" "$(middle peer)" "<=" "$1"
}

measure_cni_add() { cni_add 0.5; }
measure_cni_add_masq() { cni_add 0.3 ',"ipMasq":true'; }

measure_cni_del() {
  local i mode who
  cni_ready
  warm_up
  for ((i = 0; i < rounds; i++)); do
    for mode in row atonce; do
      pods 40
      for who in ours peer; do $who row ADD 40 >/dev/null; done
      for who in ours peer; do
        $who $mode DEL 40 >"$work/pair"
        cut -d' ' -f1 "$work/pair" >>"$work/$who-$mode"
        cut -d' ' -f2 "$work/pair" >>"$work/$who-$mode-gone"
      done
    done
  done
  row "cni-del, 40 pods, ms" median min max
  for mode in row atonce; do
    local how="one by one"
    [ "$mode" = row ] || how="at once"
    cni_row "ours, $how" "ours-$mode"
    cni_row "reference, $how" "peer-$mode"
    cni_row "ours, $how, gone" "ours-$mode-gone"
    cni_row "reference, $how, gone" "peer-$mode-gone"
  done
  verdict cni-del-at-once "$(middle ours-atonce)" "$(middle peer-atonce)" "<=" 0.2
  verdict cni-del "$(middle ours-row)" "$(middle peer-row)" "<=" 0.2
}

measure_cni_burst() {
  local i before
  cni_ready
  warm_up
  for ((i = 0; i < rounds; i++)); do
    pods 150
    before=$(ticks "$agent")
    ours atonce ADD 150 >>"$work/ours"
    echo $((($(ticks "$agent") - before) * 10)) >>"$work/cpu"
    peer atonce ADD 150 >>"$work/peer"
    distinct "$work/answer.o" 150
    distinct "$work/answer.r" 150
    ours row DEL 150 >/dev/null
    peer row DEL 150 >/dev/null
  done
  row "cni-burst, 150 pods, ms" median min max
  cni_row ours ours
  cni_row reference peer
  cni_row "ours, agent's CPU" cpu
  verdict cni-burst "$(middle ours)" "$(middle peer)" "<=" 0.3
}

distinct() { # ANSWERS COUNT: each pod has an address that no other has
  python3 - "$@" <<'P'
import json, sys
found = [json.load(open(f"{sys.argv[1]}.{i}"))["ips"][0]["address"] for i in range(int(sys.argv[2]))]
if len(set(found)) != len(found):
    sys.exit(f"bench: {len(found)} pods have only {len(set(found))} addresses")
P
}

measure_cni_status() {
  local i
  cni_ready
  warm_up
  for ((i = 0; i < rounds; i++)); do
    ours each STATUS 60 >>"$work/ours"
    peer each STATUS 60 >>"$work/peer"
    ours each VERSION 60 >>"$work/shim"
    "$call" each VERSION /bin/true "$work/ours.json" - 0 60 "$work/answer.t" >>"$work/true"
  done
  row "cni-status, ms" median min max
  cni_row ours ours
  cni_row reference peer
  cni_row "denim-cni VERSION" shim
  cni_row /bin/true true
  verdict cni-status "$(middle ours)" "$(middle peer)" "<=" 1.0
}
