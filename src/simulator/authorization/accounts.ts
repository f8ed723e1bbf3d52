// Names of users, as Single Sign-On writes and compares them.

/** Splits `name@domain` and `DOMAIN\name`; a bare name has no domain. */
export function accountOf(username: string): { readonly name: string; readonly domain: string | undefined } {
  const [, before, after] = /^([^\\]+)\\(.+)$/.exec(username) ?? []
  if (before !== undefined && after !== undefined) return { name: after, domain: before }
  const at = username.lastIndexOf('@')
  return at < 0
    ? { name: username, domain: undefined }
    : { name: username.slice(0, at), domain: username.slice(at + 1) }
}

/** The name in sessions, tasks and permissions: Administrator@vsphere.local becomes VSPHERE.LOCAL\Administrator. */
export function principalOf(username: string): string {
  const { name, domain } = accountOf(username)
  return domain === undefined ? name : `${domain.toUpperCase()}\\${name}`
}

/**
 * Whether two user names are the same account, as Single Sign-On compares them: in either form,
 * case-insensitively.
 */
export function isSameAccount(one: string, other: string): boolean {
  const [a, b] = [accountOf(one), accountOf(other)]
  return a.name.toLowerCase() === b.name.toLowerCase() && a.domain?.toLowerCase() === b.domain?.toLowerCase()
}
