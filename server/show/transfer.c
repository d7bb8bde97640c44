#include "server/show/transfer.h"

#include "core/alloc.h"
#include "core/list.h"
#include "server/show/hub.h"
#include "server/show/publisher.h"

static void run(struct loop_message *message, struct loop *loop)
{
    (void)loop;
    struct show_transfer *transfer =
        container_of(message, struct show_transfer, message);
    show_publisher_arrive(transfer);
    alloc_free(transfer);
}

struct show_transfer *show_transfer_create(struct show_hub *hub)
{
    struct show_transfer *transfer = alloc_zero(sizeof *transfer);
    transfer->message.run = run;
    transfer->hub = hub;
    return transfer;
}

void show_transfer_send(struct show_transfer *transfer)
{
    loop_post(transfer->hub->loop, &transfer->message);
}
