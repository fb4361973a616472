// Everything that the initrd of a machine does: load the driver of its disk, and hand over to the init on that disk.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/module.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// the kernel panics then, and the console says why
static int fail(const char *what) { perror(what); return 1; }

int main(void) {
  int module = open("/virtio_blk.ko.xz", O_RDONLY | O_CLOEXEC);
  if (syscall(SYS_finit_module, module, "", MODULE_INIT_COMPRESSED_FILE)) return fail("virtio_blk");
  if (mount("dev", "/dev", "devtmpfs", 0, "")) return fail("/dev");
  // the disk shows up a moment after its driver
  for (int looks = 0; mount("/dev/vda", "/root", "ext4", 0, ""); looks++) {
    if (looks == 500) return fail("/dev/vda");
    usleep(10000);
  }
  if (mount("/dev", "/root/dev", 0, MS_MOVE, 0)) return fail("/root/dev");
  if (chdir("/root") || mount(".", "/", 0, MS_MOVE, 0) || chroot(".") || chdir("/")) return fail("/root");
  execl("/sbin/init", "/sbin/init", (char *)0);
  return fail("/sbin/init");
}
