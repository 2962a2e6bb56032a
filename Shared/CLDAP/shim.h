#include <lber.h>
#include <ldap.h>
#include <openldap.h>

/* The value that switches an option on is a cast, which Swift does not import. */
static inline const void *ldap_option_on(void) { return LDAP_OPT_ON; }

/* A file that has no name in any folder. glibc declares memfd_create only to GNU programs, of which Swift is none. */
extern int memfd_create(const char *name, unsigned int flags);
static inline int ldap_memory_file(void) { return memfd_create("ldap", 1 /* MFD_CLOEXEC */); }
