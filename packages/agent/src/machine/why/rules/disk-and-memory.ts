import type { WhyRule } from './rule.ts'

const look = ['df -h / /var /var/lib/kubelet /etc', 'df -i / /var /var/lib/kubelet /etc']

/** Meanings of lines about a disk, the memory and the limits of the kernel. They stand above the rest: they make many errors. */
export const diskAndMemoryRules: readonly WhyRule[] = [
  {
    name: 'inotify-watches',
    text: /inotify_add_watch \S+: no space left on device/,
    code: 'kubelet-failing',
    cause: 'the kernel has no inotify watch left for the kubelet, and no disk is full',
    remedy: ['sysctl -w fs.inotify.max_user_watches=524288'],
    source: 'kubelet v1.37.2: k8s.io/utils/inotify/inotify_linux.go AddWatch, by pkg/kubelet/kubelet.go',
    until: 'kubelet'
  },
  {
    name: 'inotify-instances',
    text: /inotify_init: too many open files/,
    code: 'kubelet-failing',
    cause: 'the kernel has no inotify instance left for the kubelet',
    remedy: ['sysctl -w fs.inotify.max_user_instances=512'],
    source: 'kubelet v1.37.2: k8s.io/utils/inotify/inotify_linux.go NewWatcher, by pkg/kubelet/kubelet.go',
    until: 'kubelet'
  },
  {
    name: 'no-space',
    text: /no space left on device/,
    code: 'disk-full',
    cause: 'a disk of this machine is full',
    remedy: [...look, 'journalctl --vacuum-size=100M'],
    source: 'kernel ENOSPC, as kubelet v1.37.2 and containerd v2.4.2 print it',
    until: 'disks'
  },
  {
    name: 'evicts-for-disk',
    text: /Eviction manager: (?:attempting to reclaim|must evict pod\(s\) to reclaim)" resourceName="?ephemeral-storage/,
    code: 'disk-full',
    cause: 'the disk is so full that the kubelet throws Pods off the Node',
    remedy: look,
    source: 'kubelet v1.37.2: pkg/kubelet/eviction/eviction_manager.go synchronize',
    until: 'disks'
  },
  {
    name: 'images-fill-disk',
    // up to 1.34 a kubelet said it in other words
    text: /Insufficient free disk space on the node's image filesystem|Failed to garbage collect required amount of images/,
    code: 'disk-full',
    cause: 'the disk of the images is full, and no image can be deleted',
    remedy: ['df -h /var/lib/containerd', 'crictl rmi --prune'],
    source: 'kubelet v1.37.2: pkg/kubelet/images/image_gc_manager.go GarbageCollect',
    until: 'disks'
  },
  {
    name: 'evicts-for-memory',
    text: /Eviction manager: (?:attempting to reclaim|must evict pod\(s\) to reclaim)" resourceName="?memory/,
    code: 'memory-short',
    cause: 'memory is so short that the kubelet throws Pods off the Node',
    remedy: ['free -m'],
    source: 'kubelet v1.37.2: pkg/kubelet/eviction/eviction_manager.go synchronize'
  },
  {
    name: 'no-memory',
    text: /cannot allocate memory/,
    code: 'memory-short',
    cause: 'this machine has no memory left to start a program',
    remedy: ['free -m', 'journalctl --dmesg --grep "Out of memory"'],
    source: 'kernel ENOMEM, as kubelet v1.37.2 and containerd v2.4.2 print it'
  },
  {
    name: 'read-only',
    text: /"command failed" err="failed to run Kubelet: .*read-only file system/,
    code: 'kubelet-failing',
    cause: 'the kubelet does not start: a file system is read-only, as the kernel makes it after errors of the disk',
    remedy: ['journalctl --dmesg --grep "remount|I/O error"'],
    source: 'kernel EROFS, in kubelet v1.37.2: cmd/kubelet/app/server.go Run',
    until: 'kubelet'
  }
]
