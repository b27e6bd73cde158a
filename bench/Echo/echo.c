// The floor: the least that a server on epoll can do. One thread, level-triggered epoll, one read and one write per
// ready socket. It finds the ends of RESP commands, as any server must, and answers each with fixed bytes: a command
// that begins with G gets a value, every other one +OK. Nothing is stored and nothing is looked up.
//
// usage: echo PORT [VALUE_BYTES]       (127.0.0.1; values of 64 bytes)
// Ends with 1 and one line where a system call fails at start. A request of over 1 MiB or one that is no array of bulk
// strings closes its connection.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 65536, EVENTS_MAX = 1024, INPUT_BYTES = 1 << 20, OUTPUT_BYTES = 1 << 20, VALUE_BYTES_MAX = 65536 };

// What a connection has sent of a command that is not complete yet.
struct rest {
    char *bytes;
    size_t length;
};

static struct rest rests[DESCRIPTORS_MAX];
static char input[INPUT_BYTES], output[OUTPUT_BYTES];
static char value_reply[VALUE_BYTES_MAX + 32];
static size_t value_reply_length;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

// The number in front of a line's end, behind its type byte. NULL where the line is not complete or not a number.
static const char *number(const char *at, const char *end, char type, long *value)
{
    if (at == end || *at != type) return NULL;
    long n = 0;
    for (at++; at < end && *at >= '0' && *at <= '9' && n < INPUT_BYTES; at++) n = n * 10 + (*at - '0');
    if (end - at < 2 || *at != '\r') return NULL;
    *value = n;
    return at + 2;
}

// Behind the first command, NULL where it is not complete. Name is the first byte of its first argument.
static const char *command(const char *at, const char *end, char *name)
{
    long arguments, length;
    at = number(at, end, '*', &arguments);
    for (long i = 0; at != NULL && i < arguments; i++) {
        at = number(at, end, '$', &length);
        if (at == NULL || end - at < length + 2) return NULL;
        if (i == 0) *name = *at;
        at += length + 2;
    }
    return at;
}

static void drop(int descriptor)
{
    free(rests[descriptor].bytes);
    rests[descriptor] = (struct rest){0};
    close(descriptor);
}

static bool send_all(int descriptor, const char *bytes, size_t length)
{
    while (length != 0) {
        ssize_t sent = send(descriptor, bytes, length, MSG_NOSIGNAL);
        if (sent < 0) return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static void serve(int descriptor)
{
    struct rest *rest = &rests[descriptor];
    memcpy(input, rest->bytes, rest->length);
    ssize_t got = recv(descriptor, input + rest->length, INPUT_BYTES - rest->length, 0);
    if (got <= 0) {
        drop(descriptor);
        return;
    }
    const char *at = input, *end = input + rest->length + got, *next;
    size_t reply = 0;
    char name = 0;
    while ((next = command(at, end, &name)) != NULL) {
        at = next;
        bool reads = name == 'g' || name == 'G';
        size_t length = reads ? value_reply_length : 5;
        if (reply + length > OUTPUT_BYTES) {
            if (!send_all(descriptor, output, reply)) return drop(descriptor);
            reply = 0;
        }
        memcpy(output + reply, reads ? value_reply : "+OK\r\n", length);
        reply += length;
    }
    rest->length = (size_t)(end - at);
    if (rest->length != 0) {
        if (rest->length == INPUT_BYTES || *at != '*') return drop(descriptor);
        char *bytes = realloc(rest->bytes, rest->length);
        if (bytes == NULL) return drop(descriptor);
        rest->bytes = memcpy(bytes, at, rest->length);
    }
    if (reply != 0 && !send_all(descriptor, output, reply)) drop(descriptor);
}

int main(int count, char **arguments)
{
    int port = count > 1 ? atoi(arguments[1]) : 0, value_bytes = count > 2 ? atoi(arguments[2]) : 64;
    if (port <= 0 || port > 65535 || value_bytes < 0 || value_bytes > VALUE_BYTES_MAX) {
        fprintf(stderr, "usage: echo PORT [VALUE_BYTES]\n");
        return 1;
    }
    int prefix = sprintf(value_reply, "$%d\r\n", value_bytes);
    memset(value_reply + prefix, 'x', (size_t)value_bytes);
    memcpy(value_reply + prefix + value_bytes, "\r\n", 2);
    value_reply_length = (size_t)(prefix + value_bytes + 2);

    struct rlimit files = { DESCRIPTORS_MAX, DESCRIPTORS_MAX };
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
    if (listen(listener, 4096) != 0) die("listen");
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) die("epoll_create1");
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[EVENTS_MAX];
    if (epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) != 0) die("epoll_ctl");

    for (;;) {
        int ready = epoll_wait(poll, events, EVENTS_MAX, -1);
        if (ready < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor != listener) {
                serve(descriptor);
                continue;
            }
            int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (accepted < 0) continue;
            if (accepted >= DESCRIPTORS_MAX) {
                close(accepted);
                continue;
            }
            setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            event = (struct epoll_event){ .events = EPOLLIN, .data.fd = accepted };
            if (epoll_ctl(poll, EPOLL_CTL_ADD, accepted, &event) != 0) drop(accepted);
        }
    }
}
