#!/bin/sh
# Runs a command for the newcomer on the Debian in $1, in the namespaces that it is started in. The home is folder $2, which stays as
# it is: what changes goes to $3, beside which is a folder for the kernel. There is no network but the loopback.
set -e
root=$1 home=$2 changes=$3
shift 3
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t overlay -o "lowerdir=$home,upperdir=$changes,workdir=$changes.work" home "$root/home/newcomer"
mount -t proc proc "$root/proc"
mount -t sysfs sys "$root/sys"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir -m 1777 "$root/dev/shm"
mkdir "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=666 pts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
# no chroot: in one the kernel makes no user namespace
cd "$root"
pivot_root . mnt
umount -l /mnt
cd /home/newcomer
exec setpriv --reuid=newcomer --regid=newcomer --init-groups \
  env --ignore-environment HOME=/home/newcomer USER=newcomer SHELL=/bin/bash PATH=/usr/local/bin:/usr/bin:/bin "$@"
