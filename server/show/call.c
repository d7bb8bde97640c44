#include "server/show/call.h"

#include "server/show/hub.h"

static void run_answered(struct loop_message *message, struct loop *loop)
{
    (void)loop;
    struct show_call *call = container_of(message, struct show_call, message);
    call->answered(call);
}

static void run_work(struct loop_message *message, struct loop *loop)
{
    (void)loop;
    struct show_call *call = container_of(message, struct show_call, message);
    call->work(call);
}

void show_call_start(struct show_call *call, struct show_hub *asker,
                     struct show_hub *owner)
{
    call->asker = asker;
    call->owner = owner;
    call->message.run = run_work;
    if (asker == owner)
        call->work(call);
    else
        loop_post(owner->loop, &call->message);
}

void show_call_answer(struct show_call *call)
{
    call->message.run = run_answered;
    if (call->asker == call->owner)
        call->answered(call);
    else
        loop_post(call->asker->loop, &call->message);
}
