/* A publisher on its way from one loop to another: everything of it but its old hub. Its
 * socket, its session and the publish that waits for a decision travel together.
 *
 * Ownership: who creates it fills it in and sends it, and what is in it goes along;
 *   show_publisher_arrive() takes it all on the other loop.
 * Threads:   one at a time. */
#ifndef SHOW_TRANSFER_H
#define SHOW_TRANSFER_H

#include <stdbool.h>

#include "server/loop/loop.h"
#include "server/show/admission.h"

struct loop_parcel;
struct rtmp_publish;
struct rtmp_session;
struct show_guest;
struct show_held;
struct show_hub;

struct show_transfer {
    struct loop_message message;
    struct show_hub *hub; /* where it goes */
    struct loop_parcel *parcel;
    struct rtmp_session *session;
    struct rtmp_publish *request;
    struct show_passport passport;
    struct show_held *held;   /* what is to be told at its end; or NULL */
    struct show_guest *guest; /* or NULL */
    bool is_stranger; /* counted by its address as one that does not publish yet */
};

struct show_transfer *show_transfer_create(struct show_hub *hub);
void show_transfer_send(struct show_transfer *transfer);

#endif
