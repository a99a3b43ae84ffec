#include "version.h"

const char dnsmail_version[] = DNSMAIL_VERSION;
