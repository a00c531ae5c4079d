#include "laconic.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

const char *lac_version(void)
{
	return TEXT(LAC_VERSION_MAJOR) "." TEXT(LAC_VERSION_MINOR) "." TEXT(LAC_VERSION_PATCH);
}
