#!/bin/sh
# Boots a Debian with its own systemd, in namespaces, for a test. To be run as root, in a mount namespace of its own:
#     unshare --mount --propagation private sh boot.sh IMAGE WORK CGROUP
# IMAGE   a directory with the system; it is not changed
# WORK    an empty directory; the system's changes are kept in memory there, and gone with the machine
# CGROUP  the name of a control group to make, which the caller removes when the machine is gone
set -eu
image=$1 work=$2 group=$3
root=$work/root
if [ "${4:-}" = "" ]; then
    mount -t tmpfs -o mode=0755 tmpfs "$work"
    mkdir "$work/changes" "$work/overlay" "$root" "$work/cgroup"
    mount -t overlay -o "lowerdir=$image,upperdir=$work/changes,workdir=$work/overlay" overlay "$root"
    mount -t cgroup2 none "$work/cgroup"
    mkdir "$work/cgroup/$group"
    echo $$ >"$work/cgroup/$group/cgroup.procs"
    umount "$work/cgroup"
    exec unshare --cgroup --pid --fork --kill-child --mount --uts --ipc --net --mount-proc="$root/proc" \
        sh "$0" "$image" "$work" "$group" inside
fi
ip link set lo up
hostname machine
# The kernel is the host's: its settings are to be seen, not to be changed.
for part in sys sysrq-trigger; do
    [ -e "$root/proc/$part" ] || continue
    mount --bind "$root/proc/$part" "$root/proc/$part"
    mount -o remount,bind,ro "$root/proc/$part"
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec none "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755,nosuid tmpfs "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$root/run"
for unit in sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount dev-hugepages.mount; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# Not the first boot of this system, which would ask questions.
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
cd "$root"
mkdir -p .outside
pivot_root . .outside
umount -l .outside
rmdir .outside
# As systemd itself does where no container is: what it mounts for a service must be seen by that.
mount --make-rshared /
exec env -i container=namespaces \
    setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio,-syslog /lib/systemd/systemd </dev/null
