#include "server/auth/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/alloc.h"
#include "core/err.h"
#include "core/require.h"

enum {
    SECRET_FILE_MAX = 1024, /* an API token that someone put there by hand */
    SECRET_TOKEN_LEN = 40,  /* letters of an API token: 198 bits */
};

static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz";
enum { LETTERS_N = sizeof letters - 1 };

void auth_secret_random(void *out, size_t len)
{
    require(len <= INT_MAX);
    require(RAND_bytes(out, (int)len) == 1);
}

void auth_secret_random_text(char *out, size_t n)
{
    size_t made = 0;
    while (made < n) {
        uint8_t random[64];
        auth_secret_random(random, sizeof random);
        for (size_t i = 0; i < sizeof random && made < n; i++) {
            /* Bytes above the last whole multiple would favour the first letters. */
            if (random[i] < 256 / LETTERS_N * LETTERS_N)
                out[made++] = letters[random[i] % LETTERS_N];
        }
    }
    out[n] = '\0';
}

bool auth_secret_is_random_text(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\0' || !strchr(letters, text.data[i]))
            return false;
    return text.len > 0;
}

void auth_secret_sha256(struct bytes in, uint8_t out[AUTH_HASH_SIZE])
{
    require(EVP_Digest(in.data, in.len, out, NULL, EVP_sha256(), NULL) == 1);
}

void auth_secret_hmac_sha256(struct bytes key, struct bytes in,
                             uint8_t out[AUTH_HASH_SIZE])
{
    static const uint8_t nothing[1];
    require(key.len <= INT_MAX);
    const void *bytes = key.len > 0 ? key.data : nothing;
    require(HMAC(EVP_sha256(), bytes, (int)key.len, in.data, in.len, out, NULL) !=
            NULL);
}

static int io_fault(struct err *err, const char *path, const char *what)
{
    return err_set(err, ERR_IO, "%s: cannot be %s: %s", path, what, strerror(errno));
}

static int join(char out[PATH_MAX], const char *dir, const char *name, struct err *err)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_MAX)
        return err_set(err, ERR_IO, "data_dir: the path is too long");
    return 0;
}

static int read_all(int fd, const char *path, uint8_t content[SECRET_FILE_MAX],
                    size_t *ret_len, struct err *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return io_fault(err, path, "read");
    if (!S_ISREG(about.st_mode))
        return err_set(err, ERR_IO, "%s: is not a file", path);
    if (about.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(err, ERR_IO, "%s: others may read it: chmod 600 %s", path, path);
    size_t len = 0;
    for (;;) {
        ssize_t n = read(fd, content + len, SECRET_FILE_MAX - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_fault(err, path, "read");
        if (n == 0)
            break;
        len += (size_t)n;
        if (len == SECRET_FILE_MAX)
            return err_set(err, ERR_IO, "%s: is too long", path);
    }
    *ret_len = len;
    return 0;
}

/* ERR_NOT_FOUND when there is no such file. */
static int read_file(const char *path, uint8_t content[SECRET_FILE_MAX],
                     size_t *ret_len, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "%s: is not there", path);
    if (fd < 0)
        return io_fault(err, path, "opened");
    int error = read_all(fd, path, content, ret_len, err);
    close(fd);
    return error;
}

static bool write_and_sync(int fd, struct bytes content)
{
    while (content.len > 0) {
        ssize_t n = write(fd, content.data, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        content = bytes_from(content, (size_t)n);
    }
    return fsync(fd) == 0;
}

/* The rename is on the disk once its directory is. */
static bool sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = fsync(fd) == 0;
    close(fd);
    return done;
}

/* Whole or not at all: written beside, synced, then renamed. */
static int write_file(const char *dir, const char *path, struct bytes content,
                      struct err *err)
{
    char beside[PATH_MAX];
    int n = snprintf(beside, sizeof beside, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof beside)
        return err_set(err, ERR_IO, "data_dir: the path is too long");
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return io_fault(err, dir, "made");
    (void)unlink(beside); /* left by a crash */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_fault(err, beside, "made");
    bool written = write_and_sync(fd, content);
    int why = errno;
    close(fd);
    errno = why;
    if (!written || rename(beside, path) != 0 || !sync_dir(dir)) {
        why = errno;
        (void)unlink(beside);
        errno = why;
        return io_fault(err, path, "written");
    }
    return 0;
}

int auth_secret_open(const char *data_dir, uint8_t ret_secret[AUTH_SECRET_SIZE],
                     struct err *err)
{
    char path[PATH_MAX];
    uint8_t content[SECRET_FILE_MAX];
    size_t len = 0;
    int error = join(path, data_dir, "secret", err);
    if (error)
        return error;
    error = read_file(path, content, &len, err);
    if (error == -ERR_NOT_FOUND) {
        len = AUTH_SECRET_SIZE;
        auth_secret_random(content, len);
        error = write_file(data_dir, path, bytes_make(content, len), err);
    } else if (!error && len != AUTH_SECRET_SIZE) {
        error = err_set(err, ERR_IO, "%s: is damaged: it must have %d bytes, not %zu",
                        path, (int)AUTH_SECRET_SIZE, len);
    }
    if (!error)
        memcpy(ret_secret, content, AUTH_SECRET_SIZE);
    OPENSSL_cleanse(content, sizeof content);
    return error;
}

/* What can stand in "Authorization: Bearer" (RFC 6750 2.1, more freely). */
static bool is_token(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return text.len > 0;
}

static struct bytes without_line_end(struct bytes text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]))
        text.len--;
    return text;
}

static int keep_new_token(const char *data_dir, const char *path, char **ret_token,
                          struct err *err)
{
    char line[SECRET_TOKEN_LEN + 2];
    auth_secret_random_text(line, SECRET_TOKEN_LEN);
    line[SECRET_TOKEN_LEN] = '\n';
    struct bytes content = bytes_make(line, SECRET_TOKEN_LEN + 1);
    int error = write_file(data_dir, path, content, err);
    if (!error)
        *ret_token = bytes_to_text(bytes_first(content, SECRET_TOKEN_LEN));
    OPENSSL_cleanse(line, sizeof line);
    return error;
}

int auth_secret_api_token(const char *data_dir, const char *given, char **ret_token,
                          struct err *err)
{
    if (given && *given) {
        if (!is_token(bytes_text(given)))
            return err_set(err, ERR_INVALID,
                           "api.token: only visible ASCII characters can be sent");
        *ret_token = alloc_text(given);
        return 0;
    }
    char path[PATH_MAX];
    uint8_t content[SECRET_FILE_MAX];
    size_t len = 0;
    int error = join(path, data_dir, "api-token", err);
    if (error)
        return error;
    error = read_file(path, content, &len, err);
    if (error == -ERR_NOT_FOUND)
        return keep_new_token(data_dir, path, ret_token, err);
    if (error)
        return error;
    struct bytes token = without_line_end(bytes_make(content, len));
    if (is_token(token))
        *ret_token = bytes_to_text(token);
    else
        error = err_set(err, ERR_IO, "%s: must be one line of visible ASCII characters",
                        path);
    OPENSSL_cleanse(content, sizeof content);
    return error;
}
