# The first process of a machine's mount and process namespaces, called with the machine's name and
# a folder: makes the host look as if this machine were alone on it, says "ready", and lives until
# its standard input ends. Everything that was started on the machine ends with it, and its mounts
# vanish.
set -eu
hostname "$0"
folder=$1
# A folder below one that gets a new content is to be seen through it. The new content is made
# elsewhere, because the way to the folder ends where it is mounted.
case $folder in
  /run/*)
    mount -t tmpfs run /mnt
    mkdir -p "/mnt${folder#/run}"
    mount --bind "$folder" "/mnt${folder#/run}"
    mount --no-mtab --move /mnt /run
    ;;
  *) mount -t tmpfs run /run ;;
esac
mount -t tmpfs shm /dev/shm
# What is written here stays on the machine; what the host has there is seen through.
for dir in etc opt var/lib; do
  mkdir -p "/run/machine/$dir/upper" "/run/machine/$dir/work"
  mount -t overlay overlay "/$dir" \
    -o "lowerdir=/$dir,upperdir=/run/machine/$dir/upper,workdir=/run/machine/$dir/work"
done
# What the host has of other networks is nothing to this machine. An overlay cannot hold another
# one's upper folder, so what runtimes keep is on none.
for dir in /etc/cni /etc/kube-flannel /opt/cni /var/lib/cni /var/lib/denim /var/lib/containerd \
  /var/lib/containers /var/lib/kubelet /var/lib/etcd /var/log; do
  mkdir -p "$dir"
  mount -t tmpfs machine "$dir"
done
mkdir -p /etc/cni/net.d /opt/cni/bin /run/flannel /run/netns
# The kubelet sets these of the host, unless they have these values.
mkdir -p /run/machine/sysctl
while read -r key value; do
  [ -e "/proc/sys/$key" ] || continue
  echo "$value" >"/run/machine/sysctl/${key##*/}"
  mount --bind "/run/machine/sysctl/${key##*/}" "/proc/sys/$key"
done <<'KEYS'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
KEYS
# As on a host: runtimes mount over what others have mounted, and expect to meet theirs.
mount --make-rshared /
echo ready
# Orphans are reaped by the kernel; dash would not ignore this signal.
trap '' CHLD
exec cat >/dev/null
