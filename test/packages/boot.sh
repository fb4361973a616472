#!/bin/sh
# Boots the system in folder $1 with its own systemd, in the namespaces that it is started in.
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sys "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs tmp "$root/tmp"
# no chroot: in one the kernel makes no user namespace, which the server's unit asks for
cd "$root"
pivot_root . mnt
umount -l /mnt
# as systemd does by itself where it is no container: credentials come by propagation
mount --make-rshared /
exec env --ignore-environment container=joinery-packages PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
