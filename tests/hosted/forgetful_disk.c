/* A disk that remembers only what was synced, or that is full from some write on.

   Loaded before a program by LD_PRELOAD. It looks at what lies under DISK_ROOT:
   - DISK_SHADOW: a folder that gets, at every fsync, what is durable from then on: f<inode> is the
     content of a file, d<inode> the names in a folder, a line "inode kind name" each;
   - DISK_FULL_AT: the write, counted from 1, that fails, with all that come later;
   - DISK_COUNT: a file that gets the number of writes at the end.
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long writes;

static int is_below(int fd) {
    char link[64], path[4096];
    const char *root = getenv("DISK_ROOT");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (root == NULL || length < 0) return 0;
    path[length] = 0;
    size_t size = strlen(root);
    return strncmp(path, root, size) == 0 && (path[size] == '/' || path[size] == 0);
}

static int is_full(int fd) {
    const char *at = getenv("DISK_FULL_AT");
    if (!is_below(fd)) return 0;
    long number = __atomic_add_fetch(&writes, 1, __ATOMIC_SEQ_CST);
    return at != NULL && number >= atol(at);
}

static void remember(int fd) {
    const char *shadow = getenv("DISK_SHADOW");
    char from[64], partial[4096], path[4096], block[65536];
    struct stat about;
    if (shadow == NULL || !is_below(fd) || fstat(fd, &about) != 0) return;
    int is_folder = S_ISDIR(about.st_mode);
    pthread_mutex_lock(&lock);
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    snprintf(partial, sizeof partial, "%s/partial", shadow);
    snprintf(path, sizeof path, "%s/%c%lu", shadow, is_folder ? 'd' : 'f', about.st_ino);
    FILE *to = fopen(partial, "w");
    if (is_folder) {
        DIR *folder = opendir(from);
        struct dirent *entry;
        while ((entry = readdir(folder)) != NULL)
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                fprintf(to, "%lu %c %s\n", entry->d_ino,
                        entry->d_type == DT_DIR ? 'd' : 'f', entry->d_name);
        closedir(folder);
    } else {
        int source = open(from, O_RDONLY);
        ssize_t size;
        while ((size = read(source, block, sizeof block)) > 0) fwrite(block, 1, size, to);
        close(source);
    }
    fclose(to);
    rename(partial, path);
    pthread_mutex_unlock(&lock);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd) {
    int failed = REAL(fsync)(fd);
    if (!failed) remember(fd);
    return failed;
}

int fdatasync(int fd) {
    int failed = REAL(fdatasync)(fd);
    if (!failed) remember(fd);
    return failed;
}

#define FAIL_IF_FULL(fd) if (is_full(fd)) { errno = ENOSPC; return -1; }

ssize_t write(int fd, const void *from, size_t size) {
    FAIL_IF_FULL(fd)
    return REAL(write)(fd, from, size);
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    FAIL_IF_FULL(fd)
    return REAL(pwrite)(fd, from, size, at);
}

ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    FAIL_IF_FULL(fd)
    return REAL(pwrite64)(fd, from, size, at);
}

__attribute__((destructor)) static void count(void) {
    const char *path = getenv("DISK_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld", writes);
        fclose(file);
    }
}
