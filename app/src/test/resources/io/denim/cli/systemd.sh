#!/bin/bash
# Boots systemd as process 1 of namespaces of its own, on a copy of this machine's file system that
# takes changes in memory: systemd.sh CGROUP FOLDER [PATH...]
# FOLDER has units/ (all units there are), denim (what the unit executes) and net-conf.json; it and
# each PATH are there under their own names. Nothing of the machine is changed but the CGROUP. All of
# it ends with the standard input.
set -eu
if [ "$1" != inside ]; then
  # Who waits for the end of the input is no child, for the test looks for the first of those.
  exec 3<&0
  ({ cat <&3; kill -KILL $$; } >/dev/null 2>&1 &)
  echo $$ >"$1/cgroup.procs"
  exec unshare --pid --mount --uts --ipc --net --cgroup --fork --kill-child "$0" inside "${@:2}" \
    </dev/null 3<&-
fi
folder=$2
shift 2
mount --make-rprivate /
mkdir "$folder/boot"
mount -t tmpfs tmpfs "$folder/boot"
cd "$folder/boot"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" root
cd root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
for each in null zero full random urandom; do
  touch "dev/$each"
  mount --bind "/dev/$each" "dev/$each"
done
mkdir dev/shm
mount -t tmpfs tmpfs run
# What is on other file systems than / is not in the copy.
for each in "$folder" "$@"; do
  if [ -d "$each" ]; then
    mkdir -p ".$each"
  elif [ -e ".$each" ]; then
    continue
  else
    mkdir -p ".${each%/*}"
    touch ".$each"
  fi
  mount --bind "$each" ".$each"
done
mkdir -p opt/denim etc/kube-flannel
cp "$folder/denim" opt/denim/denim
cp "$folder/net-conf.json" etc/kube-flannel/net-conf.json
rm -rf var/lib/denim var/lib/cni run/flannel etc/cni/net.d
# The agent wants a device with the default route.
ip link set lo up
ip link add eth0 type veth peer name far
ip address add 10.1.0.1/24 dev eth0
ip link set far up
ip link set eth0 up
ip route add default via 10.1.0.254
mkdir old
pivot_root . old
umount -l /old
export container=test SYSTEMD_UNIT_PATH=$folder/units
export SYSTEMD_GENERATOR_PATH=/nonexistent SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nonexistent
exec /lib/systemd/systemd --system --unit=multi-user.target --log-target=null
