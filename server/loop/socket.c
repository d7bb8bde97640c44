#include "server/loop/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "server/loop/address.h"

enum {
    /* Connections the kernel holds until we take them; it clamps to somaxconn. */
    BACKLOG = 4096,
};

static int set_options(int fd, const struct loop_address *address, bool shared)
{
    int on = 1;
    int only = address->any_family ? 0 : 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0))
        return -1;
    if (address->socket.ss_family == AF_INET6)
        return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
    return 0;
}

/* A listening socket, or -1 with errno. */
static int open_socket(const struct loop_address *address, bool shared)
{
    int fd = socket(address->socket.ss_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (set_options(fd, address, shared) == 0 &&
        bind(fd, (const struct sockaddr *)&address->socket, address->len) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    int cause = errno;
    (void)close(fd);
    errno = cause;
    return -1;
}

/* ":port" on a machine without IPv6 means every IPv4 address. */
static int open_any(const struct loop_address *address, bool shared)
{
    int fd = open_socket(address, shared);
    if (fd >= 0 || !address->any_family ||
        (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL))
        return fd;
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons(loop_address_port(&address->socket))};
    struct loop_address fallback = {.len = sizeof v4};
    memcpy(&fallback.socket, &v4, sizeof v4);
    return open_socket(&fallback, shared);
}

int loop_socket_open(const char *address, bool shared, int *ret_fd, struct err *err)
{
    struct loop_address parsed;
    int result = loop_address_parse(address, &parsed, err);
    if (result < 0)
        return result;
    int fd = open_any(&parsed, shared);
    if (fd < 0)
        return err_set(err, ERR_IO, "cannot listen on %s: %s", address,
                       strerror(errno));
    *ret_fd = fd;
    return 0;
}

static int read_option(int fd, int option)
{
    int value = 0;
    socklen_t len = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? 0 : value;
}

bool loop_socket_is_listening(int fd)
{
    int domain = read_option(fd, SO_DOMAIN);
    return read_option(fd, SO_ACCEPTCONN) && read_option(fd, SO_TYPE) == SOCK_STREAM &&
           (domain == AF_INET || domain == AF_INET6);
}

bool loop_socket_is_shared(int fd)
{
    return read_option(fd, SO_REUSEPORT) != 0;
}

static bool read_bound(int fd, struct sockaddr_storage *ret)
{
    socklen_t len = sizeof *ret;
    *ret = (struct sockaddr_storage){0};
    return getsockname(fd, (struct sockaddr *)ret, &len) == 0;
}

uint16_t loop_socket_port(int fd)
{
    struct sockaddr_storage bound;
    return read_bound(fd, &bound) ? loop_address_port(&bound) : 0;
}

static bool is_any_v4(const struct sockaddr_storage *socket)
{
    struct sockaddr_in v4;
    memcpy(&v4, socket, sizeof v4);
    return socket->ss_family == AF_INET && v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool is_v6_only(int fd)
{
    int only = 0;
    socklen_t len = sizeof only;
    return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &len) < 0 || only;
}

bool loop_socket_is_at(int fd, const char *address)
{
    struct err err;
    struct loop_address wanted;
    struct sockaddr_storage bound;
    char one[LOOP_ADDRESS_MAX], other[LOOP_ADDRESS_MAX];
    if (loop_address_parse(address, &wanted, &err) < 0 || !read_bound(fd, &bound))
        return false;
    uint16_t port = loop_address_port(&wanted.socket);
    if (port != 0 && port != loop_address_port(&bound))
        return false;
    if (wanted.any_family && is_any_v4(&bound))
        return true; /* what open_any() falls back on */
    if (wanted.socket.ss_family != bound.ss_family ||
        (bound.ss_family == AF_INET6 && is_v6_only(fd) == wanted.any_family))
        return false;
    return strcmp(loop_address_print_host(&wanted.socket, one),
                  loop_address_print_host(&bound, other)) == 0;
}

/* The kernel's own number of a socket, whatever the descriptor. */
static bool read_cookie(int fd, uint64_t *ret)
{
    socklen_t len = sizeof *ret;
    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, ret, &len) == 0;
}

bool loop_socket_is_same(int one, int other)
{
    uint64_t first, second;
    return read_cookie(one, &first) && read_cookie(other, &second) && first == second;
}

int loop_socket_copy(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}
