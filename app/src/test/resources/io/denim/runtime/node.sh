# The first process of a node's mount and process namespaces: makes the machine look as if this node
# were alone on it, says "ready", and lives until its standard input ends. Everything that was
# started on the node ends with it, and its mounts vanish.
#   $1  the node's folder; what it holds under cni-conf, cni-bin, denim-run and denim-state appears
#       on the node where a runtime and the plugin look for it
set -eu
folder=$1
mount -t tmpfs run /run
mount -t tmpfs shm /dev/shm
# What is written here stays on the node; what the machine has there is seen through.
for dir in etc opt var/lib; do
  mkdir -p "/run/node/$dir/upper" "/run/node/$dir/work"
  mount -t overlay overlay "/$dir" \
    -o "lowerdir=/$dir,upperdir=/run/node/$dir/upper,workdir=/run/node/$dir/work"
done
at() {
  mkdir -p "$folder/$1" "$2"
  mount --bind "$folder/$1" "$2"
}
at cni-conf /etc/cni/net.d
at cni-bin /opt/cni/bin
at denim-run /run/denim
at denim-state /var/lib/denim
mkdir -p /run/netns /var/lib/containerd /var/lib/containers
# An overlay cannot hold another one's upper folder.
mount -t tmpfs containerd /var/lib/containerd
mount -t tmpfs containers /var/lib/containers
# As on a host: runtimes mount over what others have mounted, and expect to meet theirs.
mount --make-rshared /
echo ready
# Orphans are reaped by the kernel; dash would not ignore this signal.
trap '' CHLD
exec cat >/dev/null
