# One agent in a cluster of thousands of nodes: bench/run load.

kubernetes_conf='{"Network":"10.0.0.0/8","EnableNFTables":true,"Backend":{"Type":"vxlan"}}'

# kube_api COUNT: etcd and an API server in the lone node's namespace, with so many nodes besides node "bench".
# Each node has a status of some 8 kB, as its images and conditions make it in a real cluster.
kube_api() {
  local bin=$1 count=$2
  rm -rf "$work/kube"; mkdir -p "$work/kube"
  ip netns exec "$tag-f" "$bin/etcd" --data-dir "$work/kube/etcd" --unsafe-no-fsync --log-level error >"$work/kube/etcd.log" 2>&1 &
  local etcd=$!
  openssl genrsa -out "$work/kube/sa.key" 2048 2>/dev/null
  echo 'bench-token,admin,1,system:masters' >"$work/kube/tokens"
  ip netns exec "$tag-f" "$bin/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --cert-dir="$work/kube/certs" --secure-port=6443 \
    --token-auth-file="$work/kube/tokens" --service-account-key-file="$work/kube/sa.key" --service-account-signing-key-file="$work/kube/sa.key" \
    --service-account-issuer=https://kubernetes.default --service-cluster-ip-range=10.96.0.0/16 --advertise-address=10.95.0.1 \
    --authorization-mode=RBAC --disable-admission-plugins=ServiceAccount,TaintNodesByCondition >"$work/kube/api.log" 2>&1 &
  kube_pids="$! $etcd"
  pids="$pids $kube_pids"
  cat >"$work/kube/config" <<K
{apiVersion: v1, kind: Config, current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}],
 clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}}], users: [{name: u, user: {token: bench-token}}]}
K
  echo "$kubernetes_conf" >"$work/kube/net-conf.json"
  ip netns exec "$tag-f" python3 - "$count" <<'P'
import concurrent.futures, http.client, json, ssl, sys, time
def connect(): return http.client.HTTPSConnection("127.0.0.1:6443", context=ssl._create_unverified_context())
headers = {"Authorization": "Bearer bench-token", "Content-Type": "application/json"}
for _ in range(300):
    try:
        c = connect(); c.request("GET", "/readyz", headers=headers)
        if c.getresponse().status == 200: break
    except OSError: pass
    time.sleep(0.2)
images = [{"names": ["registry.example/some/image@sha256:%064d" % n, "registry.example/some/image:v1.%d" % n], "sizeBytes": n} for n in range(45)]
def node(name, cidr, annotations):
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "annotations": annotations}, "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
            "status": {"images": images}}
def annotated(i):
    p = "flannel.alpha.coreos.com/"
    return {p + "kube-subnet-manager": "true", p + "backend-type": "vxlan", p + "public-ip": "10.95.%d.%d" % (1 + i // 250, 1 + i % 250),
            p + "backend-data": '{"VNI":1,"VtepMAC":"02:00:00:00:%02x:%02x"}' % (i // 256, i % 256)}
work = [node("node-%d" % i, "10.%d.%d.0/24" % (100 + i // 200, i % 200), annotated(i)) for i in range(int(sys.argv[1]))]
work.append(node("bench", "10.200.0.0/24", {"node.alpha.kubernetes.io/ttl": "0"}))
def create(part):
    c = connect()
    for each in part:
        for path, verb, body in (("/api/v1/nodes", "POST", each), ("/api/v1/nodes/%s/status" % each["metadata"]["name"], "PATCH", {"status": each["status"]})):
            c.request(verb, path, json.dumps(body), {**headers, **({"Content-Type": "application/merge-patch+json"} if verb == "PATCH" else {})})
            answer = c.getresponse(); text = answer.read()
            if answer.status >= 300: raise SystemExit("%d %s" % (answer.status, text[:300]))
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for _ in pool.map(create, [work[n::8] for n in range(8)]): pass  # which raises what they raised
P
}

load_row() { printf '%-24s %8s %8s %8s %8s %8s %9s %8s %8s %8s %6s\n' "$@"; }

one_load() { # LABEL STORE COUNT URL COMMAND...
  local label=$1
  shift
  LOG=$work/$label.log TOKEN=bench-token python3 "$root/bench/load.py" "/run/netns/$tag-f" "$1" "$2" 20 "$3" "${@:4}" >"$work/load.$label" || {
    say "bench: $label failed"; tail -n 20 "$work/$label.log" >&2; exit 1; }
  # shellcheck disable=SC2046 # a row of figures
  load_row "$label" $(cat "$work/load.$label")
}

measure_load() {
  local bin count agent
  bin=$(peers)
  load_row "load, 100 changes/s" "start s" "cpu s" "rss MiB" "anon" "pss" "cpu s/20s" "p50 ms" "p99 ms" "max ms" "lost"
  for count in 1000 5000; do
    for agent in ours flanneld; do
      lone_node
      rm -rf "$work/data" "$work/etcd" "$work/ours.env" "$work/peer.env"
      peers_etcd "$count"
      if [ "$agent" = ours ]; then
        # shellcheck disable=SC2046
        one_load "ours-etcd-$count" etcd "$count" http://127.0.0.1:2379 $(ours_agent "$work/unused" | sed 's/--store-dir=[^ ]*/--etcd-endpoints=http:\/\/127.0.0.1:2379/')
      else
        one_load "flanneld-etcd-$count" etcd "$count" http://127.0.0.1:2379 $(peer_agent)
      fi
      kill "$etcd_pid"; wait "$etcd_pid" 2>/dev/null || true
      lone_node_gone
    done
    for agent in ours flanneld; do
      lone_node
      rm -rf "$work/data" "$work/ours.env" "$work/peer.env"
      kube_api "$bin" "$count"
      local kube="--kube-subnet-mgr --kubeconfig-file=$work/kube/config --net-config-path=$work/kube/net-conf.json"
      if [ "$agent" = ours ]; then
        # shellcheck disable=SC2046,SC2086
        one_load "ours-kubernetes-$count" kubernetes "$count" https://127.0.0.1:6443 $(ours_agent "$work/unused" | sed 's/--store-dir=[^ ]*//; s/--net-config-path=[^ ]*//') $kube
      else
        # shellcheck disable=SC2086
        one_load "flanneld-kubernetes-$count" kubernetes "$count" https://127.0.0.1:6443 env NODE_NAME=bench "$bin/flanneld" --ip-masq --subnet-file="$work/peer.env" --iface=eth0 $kube
      fi
      # shellcheck disable=SC2086
      # An API server that has lost its etcd waits a minute for it before it ends.
      kill -9 $kube_pids; wait $kube_pids 2>/dev/null || true
      lone_node_gone
    done
  done
  local store
  for store in etcd kubernetes; do
    for count in 1000 5000; do
      paste -d' ' "$work/load.ours-$store-$count" "$work/load.flanneld-$store-$count" | awk -v n="load-$store-$count" '{
        met = $1 < 10 && $1 <= $11 && $2 <= $12 && $4 <= $14 && $5 <= $15 && $6 <= $16 && $7 <= $17 && $8 <= $18 && !$10
        printf "%s start=%.2f/%.2fs cpu-start=%.2f/%.2fs anon=%.0f/%.0fMiB pss=%.0f/%.0fMiB cpu=%.2f/%.2fs p50=%.1f/%.1fms p99=%.1f/%.1fms goal=no worse in any,start<10s %s\n",
          n, $1, $11, $2, $12, $4, $14, $5, $15, $6, $16, $7, $17, $8, $18, met ? "met" : "missed" }'
    done
  done
}
