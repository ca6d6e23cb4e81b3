/* Cuts a mounted file system off from its disk, as a power cut does: nothing in memory is written any more,
 * not even the file system's own journal (FS_IOC_SHUTDOWN with "no log flush"; see ext4's ioctl.c). */
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define SHUTDOWN _IOR('X', 125, __u32)
#define WITHOUT_LOG_FLUSH 2

int main(int count, char **arguments) {
    __u32 how = WITHOUT_LOG_FLUSH;
    int directory = count == 2 ? open(arguments[1], O_RDONLY | O_DIRECTORY) : -1;
    if (directory < 0 || ioctl(directory, SHUTDOWN, &how) != 0) {
        perror("cut_power MOUNT");
        return 1;
    }
    return 0;
}
