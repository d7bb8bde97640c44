/* Reason phrases (RFC 9110 15), which are also the titles of problem documents. */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

const char *http_status_text(int status); /* "Status" for one that is not listed */

#endif
