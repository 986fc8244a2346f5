# The first process of a node's mount and process namespaces: makes the machine look as if this node
# were alone on it, says "ready", and lives until its standard input ends. Everything that was
# started on the node ends with it, and its mounts vanish.
set -eu
mount -t tmpfs run /run
mount -t tmpfs shm /dev/shm
# What is written here stays on the node; what the machine has there is seen through.
for dir in etc opt var/lib; do
  mkdir -p "/run/node/$dir/upper" "/run/node/$dir/work"
  mount -t overlay overlay "/$dir" \
    -o "lowerdir=/$dir,upperdir=/run/node/$dir/upper,workdir=/run/node/$dir/work"
done
# What the machine has of other networks is nothing to this node.
for dir in /etc/cni /opt/cni /var/lib/cni /var/lib/denim; do
  mkdir -p "$dir"
  mount -t tmpfs node "$dir"
done
mkdir -p /etc/cni/net.d /opt/cni/bin /run/netns /var/lib/containerd /var/lib/containers
# An overlay cannot hold another one's upper folder.
mount -t tmpfs containerd /var/lib/containerd
mount -t tmpfs containers /var/lib/containers
# As on a host: runtimes mount over what others have mounted, and expect to meet theirs.
mount --make-rshared /
echo ready
# Orphans are reaped by the kernel; dash would not ignore this signal.
trap '' CHLD
exec cat >/dev/null
