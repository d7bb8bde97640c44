/* Currency codes of ISO 4217 that money can be asked in today: no funds, metals or test
 * codes. */
#ifndef CATALOGUE_CURRENCY_H
#define CATALOGUE_CURRENCY_H

#include "core/bytes.h"

bool catalogue_currency_is_known(struct bytes code); /* upper case */

#endif
